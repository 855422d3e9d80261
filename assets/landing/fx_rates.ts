import { Asset, FileAsset, Resource } from '#framework'
import { FxExports } from '#resources/sources/fx'

/** The vendor's daily exchange rates as they came, byte for byte. */
@Asset({
  key: 'landing/fx_rates',
  contract: 'fx_rates_bronze',
  owners: ['team:finance'],
  tags: ['ingest', 'fx'],
})
export class LandingFxRates extends FileAsset {
  @Resource(() => FxExports) readonly source!: FxExports

  files() {
    return this.source.read('rates')
  }
}
