import { Asset, FileAsset, Resource } from '#framework'
import { KafkaExports } from '#resources/sources/kafka'

/** The messages of the Kafka topic orders_events as they were read, byte for byte. */
@Asset({
  key: 'landing/kafka_events',
  contract: 'kafka_events_bronze',
  owners: ['team:web'],
  tags: ['ingest', 'kafka'],
})
export class LandingKafkaEvents extends FileAsset {
  @Resource(() => KafkaExports) readonly source!: KafkaExports

  override readonly malformed = 'value'

  files() {
    return this.source.read('events')
  }
}
