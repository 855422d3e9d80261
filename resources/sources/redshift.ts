import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'

/** What the Redshift analytics cluster unloads: what customers did. */
@Service()
export class RedshiftExports {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  behavior(): Promise<SourceFile[]> {
    return this.folder.files('redshift_behavior')
  }
}
