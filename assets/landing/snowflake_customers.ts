import { Asset, FileAsset, Resource } from '#framework'
import { SnowflakeExports } from '#resources/sources/snowflake'

/** The warehouse's customers as it unloaded them, byte for byte. */
@Asset({
  key: 'landing/snowflake_customers',
  contract: 'snowflake_customers_bronze',
  owners: ['team:sales'],
  tags: ['ingest', 'snowflake'],
})
export class LandingSnowflakeCustomers extends FileAsset {
  @Resource(() => SnowflakeExports) readonly source!: SnowflakeExports

  files() {
    return this.source.customers()
  }
}
