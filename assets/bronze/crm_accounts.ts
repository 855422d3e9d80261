import { Asset, ORIGIN, SqlAsset, Upstream, conform, merge, notNull, primaryKey, type QueryContext } from '#framework'
import { LandingCrmAccounts } from '#assets/landing/crm_accounts'
import { CRM_OVERLAP } from '#resources/sources/crm'

/** One row per CRM account, as the newest update tells it: every column of the source, typed. */
@Asset({
  key: 'bronze/crm_accounts',
  contract: 'crm_accounts_bronze',
  write: merge({ on: ['account_id'], newerBy: 'last_modified_date', ignoring: ['_proc_date', '_source_file', '_source_row'] }),
  // The CRM stamps by the day, and some of its rows days later.
  incremental: { by: 'last_modified_date', overlap: CRM_OVERLAP },
  checks: [notNull('account_id', { onFail: 'quarantine' }), primaryKey('account_id'), notNull('last_modified_date', { severity: 'warn' })],
  owners: ['team:crm'],
  tags: ['crm', 'pii'],
})
export class BronzeCrmAccounts extends SqlAsset {
  @Upstream(() => LandingCrmAccounts) readonly raw!: LandingCrmAccounts

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
