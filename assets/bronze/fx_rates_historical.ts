import { Asset, ORIGIN, SqlAsset, Upstream, conform, merge, notNull, primaryKey, type QueryContext } from '#framework'
import { LandingFxRatesHistorical } from '#assets/landing/fx_rates_historical'

/** One row per day and currency pair of the other feed, as it was last sent. */
@Asset({
  key: 'bronze/fx_rates_historical',
  contract: 'fx_rates_historical_bronze',
  write: merge({ on: ['rate_date', 'base_currency', 'quote_currency'], newerBy: '_proc_date', ignoring: ['_proc_date', '_source_file', '_source_row'] }),
  checks: [notNull('rate_date', { onFail: 'quarantine' }), notNull('base_currency', { onFail: 'quarantine' }), notNull('quote_currency', { onFail: 'quarantine' }), primaryKey(['rate_date', 'base_currency', 'quote_currency'])],
  owners: ['team:finance'],
  tags: ['fx'],
})
export class BronzeFxRatesHistorical extends SqlAsset {
  @Upstream(() => LandingFxRatesHistorical) readonly raw!: LandingFxRatesHistorical

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
