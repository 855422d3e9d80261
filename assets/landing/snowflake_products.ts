import { Asset, FileAsset, Resource } from '#framework'
import { SnowflakeExports } from '#resources/sources/snowflake'

/** The warehouse's products as it unloaded them, byte for byte. */
@Asset({
  key: 'landing/snowflake_products',
  contract: 'snowflake_products_bronze',
  owners: ['team:sales'],
  tags: ['ingest', 'snowflake'],
})
export class LandingSnowflakeProducts extends FileAsset {
  @Resource(() => SnowflakeExports) readonly source!: SnowflakeExports

  files() {
    return this.source.products()
  }
}
