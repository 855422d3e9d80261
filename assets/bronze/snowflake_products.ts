import { Asset, ORIGIN, SqlAsset, Upstream, conform, notNull, overwritePartition, rowCount, type QueryContext } from '#framework'
import { LandingSnowflakeProducts } from '#assets/landing/snowflake_products'

/** One row per line of the products' extract, a partition per day of delivery: every column of the source, typed. */
@Asset({
  key: 'bronze/snowflake_products',
  contract: 'snowflake_products_bronze',
  write: overwritePartition({ by: ['_proc_date'] }),
  checks: [notNull('product_id', { onFail: 'quarantine' }), rowCount({ min: 1 })],
  owners: ['team:sales'],
  tags: ['snowflake'],
})
export class BronzeSnowflakeProducts extends SqlAsset {
  @Upstream(() => LandingSnowflakeProducts) readonly raw!: LandingSnowflakeProducts

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
