import { Asset, POSITION, SqlAsset, Upstream, between, castable, matches, notNull, oneOf, primaryKey, relationship, sql, type QueryContext } from '#framework'
import { BronzeSnowflakeOrders } from '#assets/bronze/snowflake_orders'
import { Customers } from '#assets/silver/customers'
import { Products } from '#assets/silver/products'
import { newestDelivery } from '#resources/sql/newest-delivery'
import { newestPerKey } from '#resources/sql/newest-per-key'
import { tidyCode } from '#resources/sql/tidy'

/** One row per order in the newest extract of the warehouse, in the order's own currency; cancelled and deleted ones too. */
@Asset({
  key: 'silver/orders',
  contract: 'snowflake_orders_bronze',
  checks: [
    castable(),
    primaryKey('order_id'),
    notNull('order_date', { severity: 'warn' }),
    notNull('amount', { severity: 'warn' }),
    notNull('status', { severity: 'warn' }),
    oneOf('status', ['COMPLETED', 'SHIPPED', 'PENDING', 'CANCELLED'], { severity: 'warn' }),
    matches('currency', /[A-Z]{3}/, { severity: 'warn' }),
    between('amount', { min: 0 }, { severity: 'warn' }),
    between('quantity', { min: 1 }, { severity: 'warn' }),
    relationship('customer_id', () => Customers, 'customer_id', { severity: 'warn' }),
    relationship('product_id', () => Products, 'product_id', { severity: 'warn' }),
  ],
  owners: ['team:sales'],
  tags: ['snowflake', 'pii'],
})
export class Orders extends SqlAsset {
  @Upstream(() => BronzeSnowflakeOrders) readonly raw!: BronzeSnowflakeOrders
  @Upstream(() => Customers) readonly customers!: Customers
  @Upstream(() => Products) readonly products!: Products

  query({ contract }: QueryContext) {
    return sql`
      select
        order_id,
        customer_id,
        product_id,
        order_date,
        order_timestamp as ordered_at,
        quantity,
        unit_price,
        total_amount as amount,
        tax_amount,
        shipping_cost,
        discount_percent,
        ${tidyCode(sql`currency`)} as currency,
        ${tidyCode(sql`status`)} as status,
        coalesce(is_deleted, false) or coalesce(op = 'DELETE', false) as is_deleted,
        channel,
        payment_method,
        shipping_method,
        shipping_address,
        billing_address,
        promo_code,
        sales_rep_id,
        fulfillment_days,
        created_at,
        updated_at,
        _cast_failed,
        ${POSITION}
      from (${newestPerKey(newestDelivery(this.raw, contract), contract, 'updated_at')}) as orders`
  }
}
