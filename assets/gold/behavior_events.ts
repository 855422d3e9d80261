import { Asset, Resource, SqlAsset, Upstream, append, masked, primaryKey, sql } from '#framework'
import { Behavior } from '#assets/silver/behavior'
import { HASHED } from '#resources/pii/forms'
import { Shown } from '#resources/pii/shown'

/** One row per thing that a customer did on the site, as it may be shown: the address that they came from is a salted hash. Added once and never changed. */
@Asset({
  key: 'gold/behavior_events',
  write: append({ key: ['event_id'] }),
  checks: [primaryKey('event_id'), masked('ip_hash', HASHED)],
  owners: ['team:web'],
  tags: ['events'],
})
export class BehaviorEvents extends SqlAsset {
  @Upstream(() => Behavior) readonly behavior!: Behavior
  @Resource(() => Shown) readonly shown!: Shown

  query() {
    return sql`
      select
        event_id,
        customer_id,
        event_name,
        event_ts,
        cast(event_ts as date) as event_date,
        session_id,
        page_url,
        device_type,
        country,
        ${this.shown.of(this.behavior, 'ip_address', sql`ip_address`)} as ip_hash,
        duration_seconds,
        conversion_value_usd,
        utm_source,
        utm_campaign
      from ${this.behavior}`
  }
}
