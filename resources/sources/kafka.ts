import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'

/** What was read from the Kafka topics: order events and user actions, as messages. */
@Service()
export class KafkaExports {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  events(): Promise<SourceFile[]> {
    return this.folder.files('kafka_events')
  }
}
