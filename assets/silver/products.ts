import { Asset, POSITION, SqlAsset, Upstream, between, castable, notNull, primaryKey, sql, type QueryContext } from '#framework'
import { BronzeSnowflakeProducts } from '#assets/bronze/snowflake_products'
import { newestDelivery } from '#resources/sql/newest-delivery'
import { newestPerKey } from '#resources/sql/newest-per-key'
import { tidy } from '#resources/sql/tidy'

/** One row per product in the newest extract of the warehouse. */
@Asset({
  key: 'silver/products',
  contract: 'snowflake_products_bronze',
  checks: [
    castable(),
    primaryKey('product_id'),
    notNull('product_name', { severity: 'warn' }),
    between('price_usd', { min: 0 }, { severity: 'warn' }),
  ],
  owners: ['team:sales'],
  tags: ['snowflake'],
})
export class Products extends SqlAsset {
  @Upstream(() => BronzeSnowflakeProducts) readonly raw!: BronzeSnowflakeProducts

  query({ contract }: QueryContext) {
    return sql`
      select
        product_id,
        sku,
        ${tidy(sql`product_name`)} as product_name,
        category,
        subcategory,
        brand,
        price_usd,
        cost_usd,
        weight_kg,
        dimensions,
        color,
        size,
        active as is_active,
        in_stock as is_in_stock,
        stock_quantity,
        reorder_level,
        supplier_id,
        rating,
        review_count,
        created_at,
        updated_at,
        _cast_failed,
        ${POSITION}
      from (${newestPerKey(newestDelivery(this.raw, contract), contract, 'updated_at')}) as products`
  }
}
