import { Asset, Check, POSITION, SqlAsset, Upstream, castable, failedCasts, merge, notNull, primaryKey, read, sql } from '#framework'
import { BronzeKafkaEvents } from '#assets/bronze/kafka_events'
import { isJson, message } from '#resources/sql/message'
import { tidyCode } from '#resources/sql/tidy'

const MESSAGE = message(sql`value`, ['order_id', 'customer_id', 'event_type', 'event_ts', 'amount', 'currency', 'channel'])

/** What of a message could not be read; the columns of bronze come first. */
const CAST_FAILURES = sql`coalesce(_cast_failed, ${failedCasts([
  { name: 'value', text: sql`value`, value: sql`case when ${isJson(sql`value`)} then value end` },
  { name: 'event_ts', text: sql`message.event_ts`, value: read(sql`message.event_ts`, 'timestamptz') },
  { name: 'amount', text: sql`message.amount`, value: read(sql`message.amount`, 'decimal(18,2)') },
])})`

/** One row per message of the topic orders_events, unpacked. What of another topic came in its export has no order, amount or currency. */
@Asset({
  key: 'silver/order_events',
  write: merge({ on: ['event_id'] }),
  checks: [
    castable(),
    primaryKey('event_id'),
    notNull('customer_id', { severity: 'warn' }),
    notNull('event_ts', { severity: 'warn' }),
  ],
  owners: ['team:web'],
  tags: ['kafka'],
})
export class OrderEvents extends SqlAsset {
  @Upstream(() => BronzeKafkaEvents) readonly raw!: BronzeKafkaEvents

  query() {
    return sql`
      with unpacked as (
        select
          *,
          ${MESSAGE} as message
        from ${this.raw}
      )
      select
        event_id,
        topic,
        kafka_partition,
        kafka_offset,
        kafka_timestamp,
        message_key,
        message.order_id as order_id,
        message.customer_id as customer_id,
        ${tidyCode(sql`message.event_type`)} as event_type,
        coalesce(${read(sql`message.event_ts`, 'timestamptz')}, kafka_timestamp) as event_ts,
        ${read(sql`message.amount`, 'decimal(18,2)')} as amount,
        ${tidyCode(sql`message.currency`)} as currency,
        message.channel as channel,
        message.metadata.source as application,
        message.metadata.version as application_version,
        message.metadata.session_id as session_id,
        ${CAST_FAILURES} as _cast_failed,
        ${POSITION}
      from unpacked`
  }

  @Check({ severity: 'warn' })
  everyOrderEventNamesItsOrder() {
    return sql`select event_id, topic, event_type from ${this} where topic = 'orders_events' and order_id is null`
  }
}
