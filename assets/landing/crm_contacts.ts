import { Asset, FileAsset, Resource, Watermarks } from '#framework'
import { CRM_OVERLAP, CrmExports } from '#resources/sources/crm'

/** The CRM's contacts as it exported them, byte for byte. */
@Asset({
  key: 'landing/crm_contacts',
  contract: 'crm_contacts_bronze',
  owners: ['team:crm'],
  tags: ['ingest', 'crm'],
})
export class LandingCrmContacts extends FileAsset {
  @Resource(() => CrmExports) readonly source!: CrmExports
  @Resource(() => Watermarks) readonly watermarks!: Watermarks

  files() {
    return this.source.read('contacts', this.watermarks.since('crm_contacts', CRM_OVERLAP))
  }
}
