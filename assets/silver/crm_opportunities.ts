import { Asset, Check, POSITION, SqlAsset, Upstream, between, castable, merge, notNull, primaryKey, relationship, sql } from '#framework'
import { BronzeCrmOpportunities } from '#assets/bronze/crm_opportunities'
import { CrmAccounts } from '#assets/silver/crm_accounts'
import { tidyCode } from '#resources/sql/tidy'

/** One row per possible sale in the CRM, as the newest update tells it. */
@Asset({
  key: 'silver/crm_opportunities',
  write: merge({ on: ['opportunity_id'], newerBy: 'updated_at' }),
  checks: [
    castable(),
    primaryKey('opportunity_id'),
    notNull('updated_at', { onFail: 'quarantine' }),
    relationship('account_id', () => CrmAccounts, 'account_id', { severity: 'warn' }),
    between('probability', { min: 0, max: 100 }, { severity: 'warn' }),
    between('amount_usd', { min: 0 }, { severity: 'warn' }),
  ],
  owners: ['team:crm'],
  tags: ['crm'],
})
export class CrmOpportunities extends SqlAsset {
  @Upstream(() => BronzeCrmOpportunities) readonly raw!: BronzeCrmOpportunities
  @Upstream(() => CrmAccounts) readonly accounts!: CrmAccounts

  query() {
    return sql`
      select
        opportunity_id,
        account_id,
        opportunity_name,
        opportunity_type,
        ${tidyCode(sql`stage_name`)} as stage,
        is_closed,
        is_won,
        amount as amount_usd,
        probability,
        close_date,
        lead_source,
        forecast_category,
        deal_size,
        sales_cycle_days,
        product_interest,
        budget,
        timeline,
        owner_id,
        created_date as created_at,
        last_modified_date as updated_at,
        _cast_failed,
        ${POSITION}
      from ${this.raw}`
  }

  @Check({ severity: 'warn' })
  closedAndWonAgreeWithTheStage() {
    return sql`
      select opportunity_id, stage, is_closed, is_won
      from ${this}
      where is_closed is distinct from (stage in ('CLOSED_WON', 'CLOSED_LOST'))
         or is_won is distinct from (stage = 'CLOSED_WON')`
  }
}
