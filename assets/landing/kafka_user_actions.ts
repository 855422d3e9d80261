import { Asset, FileAsset, Resource } from '#framework'
import { KafkaExports } from '#resources/sources/kafka'

/** The messages of the Kafka topic user_actions as they were read, byte for byte. */
@Asset({
  key: 'landing/kafka_user_actions',
  contract: 'kafka_user_actions_bronze',
  owners: ['team:web'],
  tags: ['ingest', 'kafka'],
})
export class LandingKafkaUserActions extends FileAsset {
  @Resource(() => KafkaExports) readonly source!: KafkaExports

  override readonly malformed = 'value'

  override readonly optional = true

  files() {
    return this.source.read('user_actions')
  }
}
