import { Asset, ORIGIN, SqlAsset, Upstream, conform, merge, notNull, primaryKey, type QueryContext } from '#framework'
import { LandingCrmContacts } from '#assets/landing/crm_contacts'
import { CRM_OVERLAP } from '#resources/sources/crm'

/** One row per CRM contact, as the newest update tells it: every column of the source, typed. */
@Asset({
  key: 'bronze/crm_contacts',
  contract: 'crm_contacts_bronze',
  write: merge({ on: ['contact_id'], newerBy: 'last_modified_date', ignoring: ['_proc_date', '_source_file', '_source_row'] }),
  // The CRM stamps by the day, and some of its rows days later.
  incremental: { by: 'last_modified_date', overlap: CRM_OVERLAP },
  checks: [notNull('contact_id', { onFail: 'quarantine' }), primaryKey('contact_id'), notNull('last_modified_date', { severity: 'warn' })],
  owners: ['team:crm'],
  tags: ['crm', 'pii'],
})
export class BronzeCrmContacts extends SqlAsset {
  @Upstream(() => LandingCrmContacts) readonly raw!: LandingCrmContacts

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
