import { Asset, Check, Resource, SqlAsset, Upstream, between, masked, primaryKey, sql } from '#framework'
import { Customer360 } from '#assets/gold/customer_360'
import { HASHED } from '#resources/pii/forms'
import { Shown } from '#resources/pii/shown'

/**
 * One row per customer for models: numbers and categories of gold/customer_360 under a pseudonym, a salted hash of the customer's id, and
 * nothing else that says who they are. Days are counted up to the newest order or event that is known of anyone, so that the same lake gives the same features.
 */
@Asset({
  key: 'features/customer_features',
  checks: [primaryKey('customer_hash'), masked('customer_hash', HASHED), between('days_since_last_order', { min: 0 }), between('days_since_last_event', { min: 0 })],
  owners: ['team:ml'],
  tags: ['customer', 'features'],
})
export class CustomerFeatures extends SqlAsset {
  @Upstream(() => Customer360) readonly customers!: Customer360
  @Resource(() => Shown) readonly shown!: Shown

  query() {
    return sql`
      with newest as (
        select max(last_order_date) as ordered, max(last_event_at) as heard
        from ${this.customers}
      )
      select
        ${this.shown.of(this.customers, 'customer_id', sql`customers.customer_id`)} as customer_hash,
        customers.country,
        customers.customer_segment,
        customers.industry,
        customers.total_orders,
        cast(customers.lifetime_value_usd as double) as lifetime_value_usd,
        cast(customers.average_order_usd as double) as average_order_usd,
        date_diff('day', customers.last_order_date, newest.ordered) as days_since_last_order,
        date_diff('day', customers.first_order_date, customers.last_order_date) as days_as_buyer,
        customers.total_events,
        date_diff('day', customers.last_event_at, newest.heard) as days_since_last_event,
        customers.open_opportunities,
        cast(customers.pipeline_usd as double) as pipeline_usd
      from ${this.customers} as customers
      cross join newest`
  }

  @Check()
  everyCustomerIsThere() {
    return sql`select 1 where (select count(*) from ${this}) <> (select count(*) from ${this.customers})`
  }
}
