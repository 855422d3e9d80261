import { Asset, ORIGIN, SqlAsset, Upstream, conform, merge, notNull, primaryKey, type QueryContext } from '#framework'
import { LandingCrmOpportunities } from '#assets/landing/crm_opportunities'
import { CRM_OVERLAP } from '#resources/sources/crm'

/** One row per CRM opportunity, as the newest update tells it: every column of the source, typed. */
@Asset({
  key: 'bronze/crm_opportunities',
  contract: 'crm_opportunities_bronze',
  write: merge({ on: ['opportunity_id'], newerBy: 'last_modified_date', ignoring: ['_proc_date', '_source_file', '_source_row'] }),
  // The CRM stamps by the day, and some of its rows days later.
  incremental: { by: 'last_modified_date', overlap: CRM_OVERLAP },
  checks: [notNull('opportunity_id', { onFail: 'quarantine' }), primaryKey('opportunity_id'), notNull('last_modified_date', { severity: 'warn' })],
  owners: ['team:crm'],
  tags: ['crm'],
})
export class BronzeCrmOpportunities extends SqlAsset {
  @Upstream(() => LandingCrmOpportunities) readonly raw!: LandingCrmOpportunities

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
