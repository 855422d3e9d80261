import { Asset, ORIGIN, SqlAsset, Upstream, conform, notNull, overwritePartition, rowCount, type QueryContext } from '#framework'
import { LandingSnowflakeOrders } from '#assets/landing/snowflake_orders'

/** One row per line of the orders' extract, a partition per day of delivery: every column of the source, typed. */
@Asset({
  key: 'bronze/snowflake_orders',
  contract: 'snowflake_orders_bronze',
  write: overwritePartition({ by: ['_proc_date'] }),
  checks: [notNull('order_id', { onFail: 'quarantine' }), rowCount({ min: 1 })],
  owners: ['team:sales'],
  tags: ['snowflake', 'pii'],
})
export class BronzeSnowflakeOrders extends SqlAsset {
  @Upstream(() => LandingSnowflakeOrders) readonly raw!: LandingSnowflakeOrders

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
