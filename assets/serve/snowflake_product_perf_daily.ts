import { Asset, Resource, Upstream } from '#framework'
import { ProductPerfDaily } from '#assets/gold/product_perf_daily'
import { Snowflake } from '#resources/warehouses/snowflake'
import { WarehouseAsset } from '#resources/warehouses/warehouse-asset'

/** ANALYTICS.PRODUCT_PERF_DAILY in Snowflake: gold/product_perf_daily, row by row, for dashboards. */
@Asset({
  key: 'serve/snowflake_product_perf_daily',
  owners: ['team:sales'],
  tags: ['snowflake'],
})
export class SnowflakeProductPerfDaily extends WarehouseAsset {
  @Upstream(() => ProductPerfDaily) readonly source!: ProductPerfDaily
  @Resource(() => Snowflake) readonly warehouse!: Snowflake
  readonly table = { name: 'PRODUCT_PERF_DAILY', key: ['date', 'product_id'], mode: 'merge' } as const
  readonly compared = { by: 'date', sums: ['order_count', 'revenue_usd'] }
}
