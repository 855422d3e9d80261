import { Asset, FileAsset, Resource } from '#framework'
import { FxExports } from '#resources/sources/fx'

/** The other feed's exchange rates as they came, byte for byte. We can do without. */
@Asset({
  key: 'landing/fx_rates_historical',
  contract: 'fx_rates_historical_bronze',
  owners: ['team:finance'],
  tags: ['ingest', 'fx'],
})
export class LandingFxRatesHistorical extends FileAsset {
  @Resource(() => FxExports) readonly source!: FxExports
  override readonly optional = true

  files() {
    return this.source.read('rates_historical')
  }
}
