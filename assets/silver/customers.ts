import { Asset, POSITION, SqlAsset, Upstream, castable, expression, notNull, primaryKey, sql, type QueryContext } from '#framework'
import { BronzeSnowflakeCustomers } from '#assets/bronze/snowflake_customers'
import { isEmail } from '#resources/pii/forms'
import { money, failedMoney } from '#resources/sql/money'
import { newestPerKey } from '#resources/sql/newest-per-key'
import { newestDelivery } from '#resources/sql/newest-delivery'
import { tidy, tidyEmail } from '#resources/sql/tidy'

/** One row per customer in the newest extract of the warehouse. */
@Asset({
  key: 'silver/customers',
  contract: 'snowflake_customers_bronze',
  checks: [
    castable(),
    primaryKey('customer_id'),
    notNull('updated_at', { severity: 'warn' }),
    expression('email is an address', sql`email is null or ${isEmail(sql`email`)}`, { severity: 'warn' }),
  ],
  owners: ['team:sales'],
  tags: ['snowflake', 'pii'],
})
export class Customers extends SqlAsset {
  @Upstream(() => BronzeSnowflakeCustomers) readonly raw!: BronzeSnowflakeCustomers

  query({ contract }: QueryContext) {
    return sql`
      select
        customer_id,
        ${tidy(sql`first_name`)} as first_name,
        ${tidy(sql`last_name`)} as last_name,
        ${tidyEmail(sql`email`)} as email,
        ${tidy(sql`phone`)} as phone,
        address,
        city,
        state,
        country,
        zip_code,
        gender,
        age,
        customer_segment,
        preferred_channel,
        registration_date,
        ${money('lifetime_value')} as reported_lifetime_value_usd,
        ${money('estimated_clv')} as estimated_lifetime_value_usd,
        total_orders as reported_total_orders,
        last_purchase_date as reported_last_purchase_date,
        created_at,
        updated_at,
        ${failedMoney('lifetime_value', 'estimated_clv')} as _cast_failed,
        ${POSITION}
      from (${newestPerKey(newestDelivery(this.raw, contract), contract, 'updated_at')}) as customers`
  }
}
