import { Asset, FileAsset, Resource } from '#framework'
import { RedshiftExports } from '#resources/sources/redshift'

/** The analytics cluster's events as it unloaded them, byte for byte. */
@Asset({
  key: 'landing/redshift_behavior',
  contract: 'redshift_behavior_bronze',
  owners: ['team:web'],
  tags: ['ingest', 'redshift'],
})
export class LandingRedshiftBehavior extends FileAsset {
  @Resource(() => RedshiftExports) readonly source!: RedshiftExports

  files() {
    return this.source.read('behavior')
  }
}
