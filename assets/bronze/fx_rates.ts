import { Asset, ORIGIN, SqlAsset, Upstream, between, conform, merge, notNull, primaryKey, type QueryContext } from '#framework'
import { LandingFxRates } from '#assets/landing/fx_rates'

/** One row per day and currency pair, as it was last sent. */
@Asset({
  key: 'bronze/fx_rates',
  contract: 'fx_rates_bronze',
  write: merge({ on: ['rate_date', 'base_currency', 'quote_currency'], newerBy: '_proc_date', ignoring: ['_proc_date', '_source_file', '_source_row'] }),
  checks: [notNull('rate_date', { onFail: 'quarantine' }), notNull('base_currency', { onFail: 'quarantine' }), notNull('quote_currency', { onFail: 'quarantine' }), primaryKey(['rate_date', 'base_currency', 'quote_currency']), between('fx_rate', { min: 0 })],
  owners: ['team:finance'],
  tags: ['fx'],
})
export class BronzeFxRates extends SqlAsset {
  @Upstream(() => LandingFxRates) readonly raw!: LandingFxRates

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
