import { Asset, ORIGIN, SqlAsset, Upstream, append, conform, notNull, oneOf, primaryKey, type QueryContext } from '#framework'
import { LandingKafkaUserActions } from '#assets/landing/kafka_user_actions'

/** One row per message of the topic user_actions, however often it was delivered: the first delivery counts. */
@Asset({
  key: 'bronze/kafka_user_actions',
  contract: 'kafka_user_actions_bronze',
  write: append({ key: ['event_id'] }),
  stream: { topics: ['user_actions'], topic: 'topic', partition: 'kafka_partition', offset: 'kafka_offset', at: 'kafka_timestamp' },
  checks: [notNull('event_id', { onFail: 'quarantine' }), primaryKey('event_id'), oneOf('topic', ['user_actions'], { severity: 'warn' })],
  owners: ['team:web'],
  tags: ['kafka'],
})
export class BronzeKafkaUserActions extends SqlAsset {
  @Upstream(() => LandingKafkaUserActions) readonly raw!: LandingKafkaUserActions

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
