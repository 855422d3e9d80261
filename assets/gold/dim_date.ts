import { Asset, Check, SqlAsset, Upstream, primaryKey, sql, type QueryContext } from '#framework'
import { Orders } from '#assets/silver/orders'

/** One row per day, without a gap, of the years in which something was ordered. `date_sk` is the day as a number: 20260301. Weeks are those of ISO 8601. */
@Asset({
  key: 'gold/dim_date',
  checks: [primaryKey('date_sk')],
  owners: ['team:sales'],
  tags: ['dimension'],
})
export class DimDate extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders

  query({ dialect }: QueryContext) {
    if (dialect === 'spark') return this.#onSpark()
    if (dialect === 'trino') return this.#onTrino()
    return sql`
      with years as (
        select date_trunc('year', min(order_date)) as first_day, date_trunc('year', max(order_date)) + interval 1 year as after_last_day
        from ${this.orders}
      ),
      days as (
        select cast(unnest(generate_series(cast(first_day as timestamp), cast(after_last_day as timestamp) - interval 1 day, interval 1 day)) as date) as date
        from years
      )
      select
        cast(strftime(date, '%Y%m%d') as integer) as date_sk,
        date,
        cast(year(date) as integer) as year,
        cast(quarter(date) as integer) as quarter,
        cast(month(date) as integer) as month,
        cast(day(date) as integer) as day,
        cast(isodow(date) as integer) as day_of_week,
        cast(weekofyear(date) as integer) as week,
        isodow(date) >= 6 as is_weekend
      from days`
  }

  #onSpark() {
    return sql`
      with years as (
        select make_date(year(min(order_date)), 1, 1) as first_day, make_date(year(max(order_date)), 12, 31) as last_day
        from ${this.orders}
      ),
      days as (
        select explode(sequence(first_day, last_day)) as date
        from years
      )
      select
        cast(date_format(date, 'yyyyMMdd') as int) as date_sk,
        date,
        year(date) as year,
        quarter(date) as quarter,
        month(date) as month,
        day(date) as day,
        weekday(date) + 1 as day_of_week,
        weekofyear(date) as week,
        weekday(date) >= 5 as is_weekend
      from days`
  }

  #onTrino() {
    return sql`
      with years as (
        select date_trunc('year', min(order_date)) as first_day, date_add('day', -1, date_add('year', 1, date_trunc('year', max(order_date)))) as last_day
        from ${this.orders}
      ),
      days as (
        select date
        from years
        cross join unnest(sequence(first_day, last_day, interval '1' day)) as each_day (date)
      )
      select
        cast(date_format(date, '%Y%m%d') as integer) as date_sk,
        date,
        year(date) as year,
        quarter(date) as quarter,
        month(date) as month,
        day(date) as day,
        day_of_week(date) as day_of_week,
        week(date) as week,
        day_of_week(date) >= 6 as is_weekend
      from days`
  }

  @Check()
  everyDayFollowsTheOneBefore() {
    return sql`select date from (select date, lag(date) over (order by date) as before from ${this}) as days where date > before + 1`
  }

  @Check()
  everyDayOnWhichSomethingWasOrderedIsThere() {
    return sql`select distinct order_date from ${this.orders} where order_date is not null and order_date not in (select date from ${this})`
  }
}
