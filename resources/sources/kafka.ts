import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'
import type { Source } from './source.ts'

export type KafkaTable = 'events'

/** What was read from the Kafka topics: order events and user actions, as messages. */
@Service()
export class KafkaExports implements Source<KafkaTable> {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  read(table: KafkaTable): Promise<SourceFile[]> {
    return this.folder.files(`kafka_${table}`)
  }
}
