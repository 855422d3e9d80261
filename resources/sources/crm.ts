import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'

/** What the CRM exports: accounts, contacts and opportunities. */
@Service()
export class CrmExports {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  accounts(): Promise<SourceFile[]> {
    return this.folder.files('crm_accounts')
  }

  contacts(): Promise<SourceFile[]> {
    return this.folder.files('crm_contacts')
  }

  opportunities(): Promise<SourceFile[]> {
    return this.folder.files('crm_opportunities')
  }
}
