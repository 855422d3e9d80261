import { Asset, Check, SqlAsset, Upstream, expression, primaryKey, sql } from '#framework'
import { DimCustomer } from '#assets/gold/dim_customer'
import { DimDate } from '#assets/gold/dim_date'
import { DimProduct } from '#assets/gold/dim_product'
import { OrdersUsd } from '#assets/silver/orders_usd'

/**
 * One row per order that counts (silver/orders_usd), with the keys of its dimensions. A customer or product that no dimension knows has the
 * key -1, and is told of; a day that is missing is an error. `customer_valid_from` names the state of the customer that held on that day.
 */
@Asset({
  key: 'gold/fact_orders',
  checks: [
    primaryKey('order_id'),
    expression('the customer is known', sql`customer_sk <> -1`, { severity: 'warn' }),
    expression('the product is known', sql`product_sk <> -1`, { severity: 'warn' }),
  ],
  owners: ['team:sales'],
  tags: ['fact'],
})
export class FactOrders extends SqlAsset {
  @Upstream(() => OrdersUsd) readonly orders!: OrdersUsd
  @Upstream(() => DimCustomer) readonly customers!: DimCustomer
  @Upstream(() => DimProduct) readonly products!: DimProduct
  @Upstream(() => DimDate) readonly days!: DimDate

  query() {
    return sql`
      with known_customers as (
        select customer_id, min(customer_sk) as customer_sk
        from ${this.customers}
        group by customer_id
      ),
      states as (
        select customer_id, valid_from, coalesce(valid_to, cast(date '9999-12-31' as timestamptz)) as valid_until
        from ${this.customers}
      )
      select
        orders.order_id,
        coalesce(known_customers.customer_sk, -1) as customer_sk,
        states.valid_from as customer_valid_from,
        coalesce(products.product_sk, -1) as product_sk,
        days.date_sk,
        orders.quantity,
        orders.amount,
        orders.currency,
        orders.fx_rate,
        orders.amount_usd
      from ${this.orders} as orders
      left join known_customers
        on known_customers.customer_id = orders.customer_id
      left join states
        on states.customer_id = orders.customer_id
       and cast(orders.order_date as timestamptz) >= states.valid_from
       and cast(orders.order_date as timestamptz) < states.valid_until
      left join ${this.products} as products
        on products.product_id = orders.product_id
      left join ${this.days} as days
        on days.date = orders.order_date`
  }

  @Check()
  everyOrderIsThereOnce() {
    return sql`
      (select order_id from ${this.orders} except select order_id from ${this})
      union all
      (select order_id from ${this} where date_sk is null)`
  }
}
