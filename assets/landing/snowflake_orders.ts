import { Asset, FileAsset, Resource } from '#framework'
import { SnowflakeExports } from '#resources/sources/snowflake'

/** The warehouse's orders as it unloaded them, byte for byte. */
@Asset({
  key: 'landing/snowflake_orders',
  contract: 'snowflake_orders_bronze',
  owners: ['team:sales'],
  tags: ['ingest', 'snowflake'],
})
export class LandingSnowflakeOrders extends FileAsset {
  @Resource(() => SnowflakeExports) readonly source!: SnowflakeExports

  files() {
    return this.source.orders()
  }
}
