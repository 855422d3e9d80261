import { Asset, FileAsset, Resource } from '#framework'
import { CrmExports } from '#resources/sources/crm'

/** The CRM's accounts as it exported them, byte for byte. */
@Asset({
  key: 'landing/crm_accounts',
  contract: 'crm_accounts_bronze',
  owners: ['team:crm'],
  tags: ['ingest', 'crm'],
})
export class LandingCrmAccounts extends FileAsset {
  @Resource(() => CrmExports) readonly source!: CrmExports

  files() {
    return this.source.accounts()
  }
}
