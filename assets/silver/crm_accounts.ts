import { Asset, POSITION, SqlAsset, Upstream, castable, merge, notNull, oneOf, primaryKey, sql } from '#framework'
import { BronzeCrmAccounts } from '#assets/bronze/crm_accounts'
import { money, failedMoney } from '#resources/sql/money'
import { tidy } from '#resources/sql/tidy'

/** One row per company in the CRM, as the newest update tells it. */
@Asset({
  key: 'silver/crm_accounts',
  write: merge({ on: ['account_id'], newerBy: 'updated_at' }),
  checks: [
    castable(),
    primaryKey('account_id'),
    notNull('updated_at', { onFail: 'quarantine' }),
    notNull('account_name', { severity: 'warn' }),
    oneOf('account_status', ['Active', 'Inactive', 'Prospect'], { severity: 'warn' }),
  ],
  owners: ['team:crm'],
  tags: ['crm', 'pii'],
})
export class CrmAccounts extends SqlAsset {
  @Upstream(() => BronzeCrmAccounts) readonly raw!: BronzeCrmAccounts

  query() {
    return sql`
      select
        account_id,
        ${tidy(sql`account_name`)} as account_name,
        ${tidy(sql`industry`)} as industry,
        account_type,
        account_status,
        customer_segment,
        rating,
        ownership,
        ${money('annual_revenue')} as annual_revenue_usd,
        number_of_employees,
        website,
        ${tidy(sql`phone`)} as phone,
        billing_street,
        billing_city,
        billing_state,
        billing_postal_code,
        billing_country,
        geographic_region,
        owner_id,
        last_activity_date,
        created_date as created_at,
        last_modified_date as updated_at,
        ${failedMoney('annual_revenue')} as _cast_failed,
        ${POSITION}
      from ${this.raw}`
  }
}
