import { Asset, FileAsset, Resource, rowCount } from '#framework'
import { SnowflakeExports } from '#resources/sources/snowflake'

/** The warehouse's customers as it unloaded them, byte for byte. */
@Asset({
  key: 'landing/snowflake_customers',
  contract: 'snowflake_customers_bronze',
  // The warehouse sends a table as a whole each time: one that is suddenly half as long was cut off.
  checks: [rowCount({ min: 1, ofLast: { min: 0.5 } })],
  owners: ['team:sales'],
  tags: ['ingest', 'snowflake'],
})
export class LandingSnowflakeCustomers extends FileAsset {
  @Resource(() => SnowflakeExports) readonly source!: SnowflakeExports

  files() {
    return this.source.read('customers')
  }
}
