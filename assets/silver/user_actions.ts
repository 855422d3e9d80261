import { Asset, POSITION, SqlAsset, Upstream, castable, failedCasts, merge, notNull, primaryKey, read, sql } from '#framework'
import { BronzeKafkaUserActions } from '#assets/bronze/kafka_user_actions'
import { isJson, message } from '#resources/sql/message'
import { tidyCode } from '#resources/sql/tidy'

/** What of a message could not be read; the columns of bronze come first. */
const CAST_FAILURES = sql`coalesce(_cast_failed, ${failedCasts([
  { name: 'value', text: sql`value`, value: sql`case when ${isJson(sql`value`)} then value end` },
  { name: 'event_ts', text: sql`message.event_ts`, value: read(sql`message.event_ts`, 'timestamptz') },
])})`

/** One row per thing that a user did in an application: a login, a review. The messages of the topic user_actions, unpacked. */
@Asset({
  key: 'silver/user_actions',
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
export class UserActions extends SqlAsset {
  @Upstream(() => BronzeKafkaUserActions) readonly raw!: BronzeKafkaUserActions

  query() {
    return sql`
      with unpacked as (
        select
          *,
          ${message(sql`value`, ['customer_id', 'event_type', 'event_ts', 'channel'])} as message
        from ${this.raw}
      )
      select
        event_id,
        kafka_partition,
        kafka_offset,
        kafka_timestamp,
        message_key,
        message.customer_id as customer_id,
        ${tidyCode(sql`message.event_type`)} as action,
        coalesce(${read(sql`message.event_ts`, 'timestamptz')}, kafka_timestamp) as event_ts,
        message.channel as channel,
        message.metadata.source as application,
        message.metadata.version as application_version,
        message.metadata.session_id as session_id,
        ${CAST_FAILURES} as _cast_failed,
        ${POSITION}
      from unpacked`
  }
}
