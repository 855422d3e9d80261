import { Asset, POSITION, SqlAsset, Upstream, castable, choosing, expression, primaryKey, rowCount, sql } from '#framework'
import { BronzeFxRates } from '#assets/bronze/fx_rates'
import { BronzeFxRatesHistorical } from '#assets/bronze/fx_rates_historical'
import { tidyCode } from '#resources/sql/tidy'

/** One row per day and currency pair for which someone told a rate. The daily rates win; the historical feed fills the days that they lack. */
@Asset({
  key: 'silver/fx_rates',
  checks: [
    castable(),
    primaryKey(['rate_date', 'base_currency', 'quote_currency']),
    rowCount({ min: 1 }),
    expression('fx_rate is positive', sql`fx_rate > 0`),
    expression('base_currency is the US dollar', sql`base_currency = 'USD'`, { severity: 'warn' }),
  ],
  owners: ['team:finance'],
  tags: ['fx'],
})
export class FxRates extends SqlAsset {
  @Upstream(() => BronzeFxRates) readonly daily!: BronzeFxRates
  @Upstream(() => BronzeFxRatesHistorical) readonly historical!: BronzeFxRatesHistorical

  query() {
    const key = ['rate_date', 'base_currency', 'quote_currency']
    const all = sql`
      select rate_date, base_currency, quote_currency from ${this.daily}
      union all
      select rate_date, base_currency, quote_currency from ${this.historical}`
    return choosing({ rows: all, key }, sql`
      with told as (
        select rate_date, base_currency, quote_currency, fx_rate, 'daily' as feed, _cast_failed, ${POSITION}
        from ${this.daily}
        union all
        select rate_date, base_currency, quote_currency, fx_rate, 'historical' as feed, _cast_failed, ${POSITION}
        from ${this.historical} as historical
        where not exists (
          select 1
          from ${this.daily} as daily
          where daily.rate_date = historical.rate_date
            and daily.base_currency = historical.base_currency
            and daily.quote_currency = historical.quote_currency
        )
      )
      select
        rate_date,
        ${tidyCode(sql`base_currency`)} as base_currency,
        ${tidyCode(sql`quote_currency`)} as quote_currency,
        fx_rate,
        feed,
        _cast_failed,
        ${POSITION}
      from told`)
  }
}
