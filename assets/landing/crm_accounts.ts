import { Asset, FileAsset, Resource, Watermarks } from '#framework'
import { CRM_OVERLAP, CrmExports } from '#resources/sources/crm'

/** The CRM's accounts as it exported them, byte for byte. */
@Asset({
  key: 'landing/crm_accounts',
  contract: 'crm_accounts_bronze',
  owners: ['team:crm'],
  tags: ['ingest', 'crm'],
})
export class LandingCrmAccounts extends FileAsset {
  @Resource(() => CrmExports) readonly source!: CrmExports
  @Resource(() => Watermarks) readonly watermarks!: Watermarks

  files() {
    return this.source.read('accounts', this.watermarks.since('crm_accounts', CRM_OVERLAP))
  }
}
