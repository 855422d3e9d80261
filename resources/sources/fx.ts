import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'

/** What the FX vendor sends: the daily rates, and once the history of another feed. */
@Service()
export class FxExports {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  rates(): Promise<SourceFile[]> {
    return this.folder.files('fx_rates')
  }

  historicalRates(): Promise<SourceFile[]> {
    return this.folder.files('fx_rates_historical')
  }
}
