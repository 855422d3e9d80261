import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import { ExplainedError } from '../vocabulary/errors.ts'

export class CheckFailed extends ExplainedError {
  readonly code = 'execution/check-failed'
  readonly hint: string
  /** `of`: what was checked, a candidate or, where only checks changed, what is published already. */
  constructor(readonly asset: AssetKey, readonly broken: readonly CheckResult[], published: number | undefined, of: 'candidate' | 'held' = 'candidate') {
    super(broken.map(result => `${asset}: "${result.check}" ${result.error ? `could not be checked: ${result.error}` : result.detail ? `does not hold: ${result.detail}` : `does not hold for ${result.failingRows} row${result.failingRows === 1 ? '' : 's'}`}.`).join('\n'))
    this.hint = of === 'held' ? `This is version ${published}, which is published. Mend what it is made from, or the check.` : published === undefined ? 'Nothing was published; the table does not exist yet.' : `Nothing was published: readers still see version ${published}.`
  }
}

export class Cancelled extends ExplainedError {
  readonly code = 'execution/cancelled'
  readonly hint = 'Nothing of it was published.'
  constructor(readonly asset: AssetKey) {
    super(`${asset} was cancelled.`)
  }
}

export class LeaseLost extends ExplainedError {
  readonly code = 'execution/lease-lost'
  readonly hint = 'Nothing was published by this run; the other run did or will. Run again to see.'
  constructor(readonly asset: AssetKey) {
    super(`Another run took over ${asset} while this one was silent for too long.`)
  }
}

export class TooManyChunks extends ExplainedError {
  readonly code = 'execution/too-many-chunks'
  readonly hint = 'Choose some with --partition or --from and --to; or say batch: \'all\' (or how many) in the asset, where no row of a slice depends on the rows of another.'
  constructor(asset: AssetKey, slices: string, size: number, most: number) {
    super(`${asset} would make the slices ${slices} in more than ${most.toLocaleString('en')} queries, ${size === 1 ? 'one slice each' : `${size} slices each`}.`)
  }
}
