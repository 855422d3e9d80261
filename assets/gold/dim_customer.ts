import { Asset, Resource, SqlAsset, Upstream, masked, primaryKey, scd2, sql } from '#framework'
import { Customers } from '#assets/silver/customers'
import { MASKED_EMAIL, MASKED_NAME } from '#resources/pii/forms'
import { Shown } from '#resources/pii/shown'
import { surrogateKey } from '#resources/sql/surrogate-key'

/**
 * One row per state of a customer, since when and until when it held. A customer whom the warehouse no longer sends has no current row.
 * `customer_sk` stands for the customer through all of their states; with `valid_from` it names one of them. Name and e-mail are masked.
 */
@Asset({
  key: 'gold/dim_customer',
  write: scd2({ on: ['customer_sk'], changedBy: 'changed_at', deletes: 'close' }),
  checks: [primaryKey(['customer_sk', 'valid_from']), masked('email', MASKED_EMAIL), masked('full_name', MASKED_NAME)],
  owners: ['team:sales'],
  tags: ['customer', 'dimension'],
})
export class DimCustomer extends SqlAsset {
  @Upstream(() => Customers) readonly customers!: Customers
  @Resource(() => Shown) readonly shown!: Shown

  query() {
    return sql`
      select
        ${surrogateKey(sql`customer_id`)} as customer_sk,
        customer_id,
        ${this.shown.of(this.customers, ['first_name', 'last_name'], sql`concat_ws(' ', first_name, last_name)`)} as full_name,
        ${this.shown.of(this.customers, 'email', sql`email`)} as email,
        country,
        customer_segment,
        preferred_channel,
        registration_date,
        coalesce(updated_at, created_at, timestamptz '1900-01-01 00:00:00+00') as changed_at
      from ${this.customers}`
  }
}
