import { Asset, SqlAsset, Upstream, daily, decimalOf, expression, notNull, primaryKey, sql } from '#framework'
import { FxDaily } from '#assets/silver/fx_daily'
import { Orders } from '#assets/silver/orders'

/**
 * One row per order that counts, neither cancelled nor deleted, in US dollars at the rate of its day. An order in a currency that has had
 * no rate for more than three days, or without a day or an amount,
 * is put into quarantine, and so is one of a trillion and more: amounts keep six decimals, so that sums of them are exact and rounded once.
 */
@Asset({
  key: 'silver/orders_usd',
  partitions: daily({ column: 'order_date', start: '1900-01-01', open: true }),
  batch: 'all',
  checks: [expression('the order can be converted into dollars', sql`amount_usd is not null`, { onFail: 'quarantine' }), primaryKey('order_id'), notNull('amount_usd')],
  owners: ['team:sales', 'team:finance'],
  tags: ['snowflake', 'fx'],
})
export class OrdersUsd extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  @Upstream(() => FxDaily) readonly fx!: FxDaily

  query() {
    return sql`
      select
        orders.order_id,
        orders.customer_id,
        orders.product_id,
        orders.order_date,
        orders.quantity,
        orders.amount,
        orders.currency,
        case when orders.currency = 'USD' then 1 else fx.fx_rate end as fx_rate,
        case when orders.currency = 'USD' then orders.order_date else fx.rate_date end as rate_date,
        case
          when orders.currency = 'USD' then case when abs(orders.amount) < 1000000000000 then cast(orders.amount as decimal(18,6)) end
          else ${decimalOf(sql`cast(orders.amount as double) / cast(nullif(fx.fx_rate, 0) as double)`, 18, 6)}
        end as amount_usd
      from ${this.orders} as orders
      left join ${this.fx} as fx
        on fx.currency = orders.currency
       and fx.day = orders.order_date
      where orders.status is distinct from 'CANCELLED'
        and not orders.is_deleted`
  }
}
