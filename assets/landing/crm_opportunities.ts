import { Asset, FileAsset, Resource } from '#framework'
import { CrmExports } from '#resources/sources/crm'

/** The CRM's opportunities as it exported them, byte for byte. */
@Asset({
  key: 'landing/crm_opportunities',
  contract: 'crm_opportunities_bronze',
  owners: ['team:crm'],
  tags: ['ingest', 'crm'],
})
export class LandingCrmOpportunities extends FileAsset {
  @Resource(() => CrmExports) readonly source!: CrmExports

  files() {
    return this.source.opportunities()
  }
}
