import { Asset, SqlAsset, Upstream, between, conform, merge, primaryKey, sql, type QueryContext } from '#framework'
import { LandingFxRates } from '#assets/landing/fx_rates'
import { newestPerKey } from '#resources/sql/newest-per-key'

/** One row per day and currency pair, as it was last sent. */
@Asset({
  key: 'bronze/fx_rates',
  contract: 'fx_rates_bronze',
  write: merge({ on: ['rate_date', 'base_currency', 'quote_currency'], ignoring: ['_proc_date'] }),
  checks: [primaryKey(['rate_date', 'base_currency', 'quote_currency']), between('fx_rate', { min: 0 })],
  owners: ['team:finance'],
  tags: ['fx'],
})
export class BronzeFxRates extends SqlAsset {
  @Upstream(() => LandingFxRates) readonly raw!: LandingFxRates

  query({ contract }: QueryContext) {
    return newestPerKey(conform(this.raw, contract, [sql`_proc_date`]), contract)
  }
}
