import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'
import type { Source } from './source.ts'

export type SnowflakeTable = 'customers' | 'orders' | 'products'

/** What the Snowflake warehouse unloads: customers, orders and products, each as a whole. */
@Service()
export class SnowflakeExports implements Source<SnowflakeTable> {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  read(table: SnowflakeTable): Promise<SourceFile[]> {
    return this.folder.files(`snowflake_${table}`)
  }
}
