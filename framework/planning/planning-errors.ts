import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'

export class TooMuchToRead extends ExplainedError {
  readonly code = 'planning/too-much-to-read'
  readonly hint = 'Raise --max-bytes, or select less. Nothing was written.'
  constructor(bytes: number, limit: number, dearest: AssetKey) {
    super(`The plan would read about ${bytes.toLocaleString('en')} bytes, more than the ${limit.toLocaleString('en')} that are allowed; most of it for ${dearest}.`)
  }
}

export class TooDear extends ExplainedError {
  readonly code = 'planning/too-dear'
  readonly hint = 'Raise --max-cost, or select less. Nothing was written.'
  constructor(amount: number, limit: number, currency: string, dearest: AssetKey) {
    super(`The plan would cost about ${amount} ${currency}, more than the ${limit} that are allowed; most of it for ${dearest}.`)
  }
}

export class PriceUnknown extends ExplainedError {
  readonly code = 'planning/price-unknown'
  readonly hint: string
  constructor(asset: AssetKey, engine: string) {
    super(`What ${asset} costs can't be told: the engine ${engine} has no price.`)
    this.hint = `Write one in the configuration, prices: { currency: USD, engines: { ${engine}: { perGigabyte: 0.005 } } }, or leave out --max-cost.`
  }
}

export class UpstreamSlicesNotMaterialized extends ExplainedError {
  readonly code = 'planning/upstream-slices-not-materialized'
  readonly hint: string
  constructor(readonly asset: AssetKey, readonly upstream: AssetKey, readonly slices: string) {
    super(`${asset} reads the slices ${slices} of ${upstream}, which were never materialized and are not selected.`)
    this.hint = `Select its upstreams as well: varve materialize +${asset}`
  }
}

export class UpstreamNotMaterialized extends ExplainedError {
  readonly code = 'planning/upstream-not-materialized'
  readonly hint: string
  constructor(readonly asset: AssetKey, readonly upstream: AssetKey) {
    super(`${asset} reads ${upstream}, which has never been materialized and is not selected.`)
    this.hint = `Select its upstreams as well: varve materialize +${asset}`
  }
}
