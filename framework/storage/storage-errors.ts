import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'

export class PublishConflict extends ExplainedError {
  readonly code = 'storage/publish-conflict'
  readonly hint = 'Someone else wrote the table meanwhile. Run again: it will start from what they wrote.'
  /** Trying again may help. */
  readonly transient = true
  constructor(readonly asset: AssetKey, version: number, reason: string) {
    super(`${asset} could not be published: version ${version} was written by someone else (${reason}).`)
  }
}

export class SlicesNotMaterialized extends ExplainedError {
  readonly code = 'storage/slices-not-materialized'
  readonly hint: string
  constructor(readonly asset: AssetKey, readonly upstream: AssetKey, slices: string) {
    super(`${asset} reads the slices ${slices} of ${upstream}, which were never materialized.`)
    this.hint = `Make them first: varve materialize ${upstream}`
  }
}

export class OwnColumnsUnknown extends ExplainedError {
  readonly code = 'storage/own-columns-unknown'
  readonly hint = "Declare them: @Asset({ columns: { day: 'date', total: 'bigint' } })."
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition) {
    super(`${definition.key} reads its own earlier slices, and there is none yet to tell what its columns are.`)
    this.place = definition.place
  }
}

export class NoSuchColumn extends ExplainedError {
  readonly code = 'storage/no-such-column'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition, column: string, known: readonly string[]) {
    super(`${definition.key} is written by ${definition.write.mode} with the column ${column}, which its rows don't have.`)
    this.hint = didYouMean(column, known, `They have ${known.join(', ')}.`)
    this.place = definition.place
  }
}

export class TakenColumn extends ExplainedError {
  readonly code = 'storage/taken-column'
  readonly hint = 'Give the column of the query another name: the table keeps its own valid_from, valid_to and is_current.'
  constructor(readonly asset: AssetKey, column: string) {
    super(`${asset} is written by scd2, which makes the column ${column} itself, but its query has one of that name.`)
  }
}

export class NotAnInstant extends ExplainedError {
  readonly code = 'storage/not-an-instant'
  readonly hint = 'Name a column of the type date, timestamp or timestamptz in changedBy, or cast it in the query.'
  constructor(readonly asset: AssetKey, column: string, type: string) {
    super(`${asset} begins its versions by ${column}, which is ${type} and no point in time.`)
  }
}
