import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'

export class NoGenerator extends ExplainedError {
  readonly code = 'project/no-generator'
  readonly hint = 'Name a module that exports `generator` in the configuration: sources: { generator: resources/demo/my-sources.ts }'
  constructor() {
    super('This project has no generator of demo sources.')
  }
}

export class UnknownTable extends ExplainedError {
  readonly code = 'project/unknown-table'
  constructor(readonly table: string, readonly hint: string) {
    super(`There is no table ${table}.`)
  }
}

export class NotMaterialized extends ExplainedError {
  readonly code = 'project/not-materialized'
  readonly hint: string
  constructor(readonly asset: string) {
    super(`${asset} has never been materialized.`)
    this.hint = `Run: varve materialize +${asset}`
  }
}

export class QueryRefused extends ExplainedError {
  readonly code = 'project/query-refused'
  readonly hint: string
  constructor(problem: string, hint = 'Only one SELECT over the assets is run here.') {
    super(problem)
    this.hint = hint
  }
}

export class NothingInQuarantine extends ExplainedError {
  readonly code = 'project/nothing-in-quarantine'
  readonly hint = 'See what is there: varve quarantine list'
  constructor(readonly asset: AssetKey, rule: string | undefined) {
    super(`Nothing of ${asset} is in quarantine${rule === undefined ? '' : ` because of "${rule}"`}.`)
  }
}

export class ReleasesSlices extends ExplainedError {
  readonly code = 'project/releases-slices'
  readonly hint: string
  constructor(readonly asset: AssetKey) {
    super(`${asset} is made slice by slice, and what its slices reject now is known once they are made again.`)
    this.hint = `Make the slices again: varve materialize ${asset} --force --partition <slice>`
  }
}

export class UnknownTopic extends ExplainedError {
  readonly code = 'project/unknown-topic'
  readonly hint: string
  constructor(readonly topic: string, known: readonly string[]) {
    super(`No asset takes in the topic ${topic}.`)
    this.hint = didYouMean(topic, known, known.length === 0 ? 'An asset says which it takes in: @Asset({ stream: { topics: [...] } }).' : `There are ${known.join(', ')}.`)
  }
}
