import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'
import type { Source } from './source.ts'

/** `events` are those of orders. */
export type KafkaTable = 'events' | 'user_actions'

/** What was read from the Kafka topics, each by itself, as messages. */
@Service()
export class KafkaExports implements Source<KafkaTable> {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  read(table: KafkaTable): Promise<SourceFile[]> {
    return this.folder.files(`kafka_${table}`)
  }
}
