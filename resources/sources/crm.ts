import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'
import type { Source } from './source.ts'

export type CrmTable = 'accounts' | 'contacts' | 'opportunities'

/** How long after a change the CRM may stamp it. */
export const CRM_OVERLAP = '3d'

/** What the CRM exports: accounts, contacts and opportunities, whole tables each time. Whoever asks for what changed gets more than that. */
@Service()
export class CrmExports implements Source<CrmTable> {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  read(table: CrmTable, _since?: Date): Promise<SourceFile[]> {
    return this.folder.files(`crm_${table}`)
  }
}
