import { Asset, ORIGIN, SqlAsset, Upstream, append, conform, notNull, oneOf, primaryKey, type QueryContext } from '#framework'
import { LandingKafkaEvents } from '#assets/landing/kafka_events'

/** One row per message of the topic orders_events, however often it was delivered: the first delivery counts. */
@Asset({
  key: 'bronze/kafka_events',
  contract: 'kafka_events_bronze',
  write: append({ key: ['event_id'] }),
  stream: { topics: ['orders_events'], topic: 'topic', partition: 'kafka_partition', offset: 'kafka_offset', at: 'kafka_timestamp' },
  checks: [notNull('event_id', { onFail: 'quarantine' }), primaryKey('event_id'), oneOf('topic', ['orders_events'], { severity: 'warn' })],
  owners: ['team:web'],
  tags: ['kafka'],
})
export class BronzeKafkaEvents extends SqlAsset {
  @Upstream(() => LandingKafkaEvents) readonly raw!: LandingKafkaEvents

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
