import { Asset, SqlAsset, Upstream, conform, merge, primaryKey, sql, type QueryContext } from '#framework'
import { LandingFxRatesHistorical } from '#assets/landing/fx_rates_historical'
import { newestPerKey } from '#resources/sql/newest-per-key'

/** One row per day and currency pair of the other feed, as it was last sent. */
@Asset({
  key: 'bronze/fx_rates_historical',
  contract: 'fx_rates_historical_bronze',
  write: merge({ on: ['rate_date', 'base_currency', 'quote_currency'], ignoring: ['_proc_date'] }),
  checks: [primaryKey(['rate_date', 'base_currency', 'quote_currency'])],
  owners: ['team:finance'],
  tags: ['fx'],
})
export class BronzeFxRatesHistorical extends SqlAsset {
  @Upstream(() => LandingFxRatesHistorical) readonly raw!: LandingFxRatesHistorical

  query({ contract }: QueryContext) {
    return newestPerKey(conform(this.raw, contract, [sql`_proc_date`]), contract)
  }
}
