import { Asset, FileAsset, Resource, Watermarks } from '#framework'
import { CRM_OVERLAP, CrmExports } from '#resources/sources/crm'

/** The CRM's opportunities as it exported them, byte for byte. */
@Asset({
  key: 'landing/crm_opportunities',
  contract: 'crm_opportunities_bronze',
  owners: ['team:crm'],
  tags: ['ingest', 'crm'],
})
export class LandingCrmOpportunities extends FileAsset {
  @Resource(() => CrmExports) readonly source!: CrmExports
  @Resource(() => Watermarks) readonly watermarks!: Watermarks

  files() {
    return this.source.read('opportunities', this.watermarks.since('crm_opportunities', CRM_OVERLAP))
  }
}
