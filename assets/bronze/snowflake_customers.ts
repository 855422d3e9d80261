import { Asset, ORIGIN, SqlAsset, Upstream, conform, notNull, overwritePartition, rowCount, type QueryContext } from '#framework'
import { LandingSnowflakeCustomers } from '#assets/landing/snowflake_customers'

/** One row per line of the customers' extract, a partition per day of delivery: every column of the source, typed. */
@Asset({
  key: 'bronze/snowflake_customers',
  contract: 'snowflake_customers_bronze',
  write: overwritePartition({ by: ['_proc_date'] }),
  checks: [notNull('customer_id', { onFail: 'quarantine' }), rowCount({ min: 1 })],
  owners: ['team:sales'],
  tags: ['snowflake', 'pii'],
})
export class BronzeSnowflakeCustomers extends SqlAsset {
  @Upstream(() => LandingSnowflakeCustomers) readonly raw!: LandingSnowflakeCustomers

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
