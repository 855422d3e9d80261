import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import type { Contract } from './contract.ts'

/** The dialects that a query may be asked for. */
export type Dialect = 'duckdb' | 'spark' | 'trino'

/** A value of `variables:` in the configuration. */
export type Variable = string | number | boolean

/** Hands over configured values by name. An asset that read one is stale when it changes; one that did not is not. */
export interface Variables {
  /** @throws {UnknownVariable} where the configuration has none of this name */
  variable(name: string): Variable
}

/** What a query may depend on. All of it is part of the code version, through the text that comes of it. */
export interface QueryContext extends Variables {
  readonly dialect: Dialect
  /** The contract named in `@Asset({ contract })`. Reading it in an asset without one is an error that says so. */
  readonly contract: Contract
}

/** The context with another dialect. The contract is looked up when it is asked for, as before. */
export const inDialect = (context: QueryContext, dialect: Dialect): QueryContext => ({
  dialect,
  variable: name => context.variable(name),
  get contract() {
    return context.contract
  },
})

/** What a run tells an asset that TypeScript fills: which slice to make, whom to tell, when to stop. */
export interface RunContext extends Variables {
  readonly run: string
  /** The run's clock, as `--now` may have set it. */
  readonly now: Date
  /** The slice to make, or the range of slices; absent where the asset has none. */
  readonly partition?: PartitionKey | undefined
  /** From when up to, and without, when the slices reach, of an asset with slices of time. */
  readonly window?: { readonly from: Date; readonly to: Date } | undefined
  readonly contract: Contract
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}

/** Reads a configured value. */
export function variableOf(variables: Readonly<Record<string, Variable>>, name: string): Variable {
  const value = variables[name]
  if (value === undefined) throw new UnknownVariable(name, Object.keys(variables))
  return value
}

export class UnknownVariable extends ExplainedError {
  readonly code = 'definition/unknown-variable'
  readonly hint: string
  constructor(readonly variable: string, known: readonly string[]) {
    super(`The configuration has no variable ${variable}.`)
    this.hint = didYouMean(variable, known, `Write it under \`variables:\` in config/<profile>.yaml.`)
  }
}

export class NoContract extends ExplainedError {
  readonly code = 'definition/no-contract'
  readonly hint = 'Name one: @Asset({ contract: \'crm_accounts_bronze\' }), with the file config/schema_definitions/crm_accounts_bronze.json.'
  constructor(readonly asset: AssetKey) {
    super(`${asset} reads its contract, but names none.`)
  }
}
