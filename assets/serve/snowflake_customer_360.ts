import { Asset, Resource, Upstream } from '#framework'
import { Customer360 } from '#assets/gold/customer_360'
import { Snowflake } from '#resources/warehouses/snowflake'
import { WarehouseAsset } from '#resources/warehouses/warehouse-asset'

/** ANALYTICS.CUSTOMER_360 in Snowflake: gold/customer_360, row by row, for dashboards. */
@Asset({
  key: 'serve/snowflake_customer_360',
  owners: ['team:sales'],
  tags: ['snowflake'],
})
export class SnowflakeCustomer360 extends WarehouseAsset {
  @Upstream(() => Customer360) readonly source!: Customer360
  @Resource(() => Snowflake) readonly warehouse!: Snowflake
  readonly table = { name: 'CUSTOMER_360', key: ['customer_id'], mode: 'merge' } as const
  readonly compared = { by: 'customer_segment', sums: ['total_orders', 'lifetime_value_usd'] }
}
