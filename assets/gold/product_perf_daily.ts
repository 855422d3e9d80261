import { Asset, SqlAsset, Upstream, between, daily, decimalOf, primaryKey, sql } from '#framework'
import { OrdersUsd } from '#assets/silver/orders_usd'

/** One row per day and product of which something was ordered that day, by the orders that count (silver/orders_usd). Sums of money are rounded to cents once, at the end. */
@Asset({
  key: 'gold/product_perf_daily',
  partitions: daily({ column: 'date', start: '1900-01-01', open: true }),
  batch: 'all',
  checks: [primaryKey(['date', 'product_id']), between('order_count', { min: 1 }), between('revenue_usd', { min: 0 }, { severity: 'warn' })],
  owners: ['team:sales'],
  tags: ['product'],
})
export class ProductPerfDaily extends SqlAsset {
  @Upstream(() => OrdersUsd) readonly orders!: OrdersUsd

  query() {
    return sql`
      select
        order_date as date,
        product_id,
        count(*) as order_count,
        cast(sum(quantity) as bigint) as total_quantity,
        cast(sum(amount_usd) as decimal(18,2)) as revenue_usd,
        ${decimalOf(sql`cast(sum(amount_usd) as double) / cast(nullif(count(*), 0) as double)`, 18, 2)} as average_order_usd,
        count(distinct customer_id) as unique_customers
      from ${this.orders}
      group by order_date, product_id`
  }
}
