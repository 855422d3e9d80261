import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'
import type { Source } from './source.ts'

export type RedshiftTable = 'behavior'

/** What the Redshift analytics cluster unloads: what customers did. */
@Service()
export class RedshiftExports implements Source<RedshiftTable> {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  read(table: RedshiftTable): Promise<SourceFile[]> {
    return this.folder.files(`redshift_${table}`)
  }
}
