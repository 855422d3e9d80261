import { Asset, SqlAsset, Upstream, between, daily, inDialects, primaryKey, sql } from '#framework'
import { FxRates } from '#assets/silver/fx_rates'

/** One row per day and currency that can be converted into US dollars that day: at the day's rate, or at the last one before it, at most three days old. */
@Asset({
  key: 'silver/fx_daily',
  partitions: daily({ column: 'day', start: '1900-01-01', open: true }),
  batch: 'all',
  checks: [primaryKey(['day', 'currency']), between('days_carried', { min: 0, max: 3 })],
  owners: ['team:finance'],
  tags: ['fx'],
})
export class FxDaily extends SqlAsset {
  @Upstream(() => FxRates) readonly rates!: FxRates

  query() {
    const day = inDialects(sql`rate_date + days_carried`, { trino: sql`date_add('day', days_carried, rate_date)` })
    return sql`
      with until as (
        select
          quote_currency,
          rate_date,
          fx_rate,
          lead(rate_date) over (partition by quote_currency order by rate_date) as next_rate_date
        from ${this.rates}
        where base_currency = 'USD' and fx_rate > 0
      )
      select
        cast(${day} as date) as day,
        quote_currency as currency,
        fx_rate,
        rate_date,
        days_carried
      from until
      cross join (values (0), (1), (2), (3)) as carried (days_carried)
      where next_rate_date is null or ${day} < next_rate_date`
  }
}
