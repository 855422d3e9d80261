import { Asset, FileAsset, Resource } from '#framework'
import { CrmExports } from '#resources/sources/crm'

/** The CRM's contacts as it exported them, byte for byte. */
@Asset({
  key: 'landing/crm_contacts',
  contract: 'crm_contacts_bronze',
  owners: ['team:crm'],
  tags: ['ingest', 'crm'],
})
export class LandingCrmContacts extends FileAsset {
  @Resource(() => CrmExports) readonly source!: CrmExports

  files() {
    return this.source.contacts()
  }
}
