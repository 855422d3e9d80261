import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'
import type { Source } from './source.ts'

export type FxTable = 'rates' | 'rates_historical'

/** What the FX vendor sends: the daily rates, and once the history of another feed. */
@Service()
export class FxExports implements Source<FxTable> {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  read(table: FxTable): Promise<SourceFile[]> {
    return this.folder.files(`fx_${table}`)
  }
}
