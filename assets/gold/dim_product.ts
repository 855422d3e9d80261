import { Asset, SqlAsset, Upstream, primaryKey, sql, unique } from '#framework'
import { Products } from '#assets/silver/products'
import { surrogateKey } from '#resources/sql/surrogate-key'

/** One row per product, as the newest extract tells it. `product_sk` is the same in every rebuild. */
@Asset({
  key: 'gold/dim_product',
  checks: [primaryKey('product_sk'), unique('product_id')],
  owners: ['team:sales'],
  tags: ['product', 'dimension'],
})
export class DimProduct extends SqlAsset {
  @Upstream(() => Products) readonly products!: Products

  query() {
    return sql`
      select
        ${surrogateKey(sql`product_id`)} as product_sk,
        product_id,
        product_name,
        category,
        subcategory,
        brand,
        price_usd,
        cost_usd,
        is_active
      from ${this.products}`
  }
}
