import { ExplainedError } from '../vocabulary/errors.ts'

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
