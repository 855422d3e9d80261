import { Asset, POSITION, SqlAsset, Upstream, between, castable, merge, notNull, primaryKey, sql } from '#framework'
import { BronzeRedshiftBehavior } from '#assets/bronze/redshift_behavior'
import { money, failedMoney } from '#resources/sql/money'
import { lowered, tidy } from '#resources/sql/tidy'

/** One row per thing that a customer did on the site. */
@Asset({
  key: 'silver/behavior',
  write: merge({ on: ['event_id'] }),
  checks: [
    castable(),
    primaryKey('event_id'),
    notNull('customer_id', { severity: 'warn' }),
    notNull('event_ts', { severity: 'warn' }),
    between('conversion_probability', { min: 0, max: 1 }, { severity: 'warn' }),
  ],
  owners: ['team:web'],
  tags: ['redshift', 'pii'],
})
export class Behavior extends SqlAsset {
  @Upstream(() => BronzeRedshiftBehavior) readonly raw!: BronzeRedshiftBehavior

  query() {
    return sql`
      select
        event_id,
        customer_id,
        ${lowered(tidy(sql`event_name`))} as event_name,
        event_ts,
        session_id,
        page_url,
        referrer,
        device_type,
        browser,
        os,
        country,
        city,
        ip_address,
        duration_seconds,
        ${money('conversion_value')} as conversion_value_usd,
        conversion_probability,
        utm_source,
        utm_medium,
        utm_campaign,
        behavior_segment,
        journey_stage,
        engagement_score,
        session_quality,
        ${failedMoney('conversion_value')} as _cast_failed,
        ${POSITION}
      from ${this.raw}`
  }
}
