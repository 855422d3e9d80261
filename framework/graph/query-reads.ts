import type { AssetDefinition } from '../definition/asset-definition.ts'
import { rejectingReads } from '../definition/row-rules.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { ExplainedError } from '../vocabulary/errors.ts'
import type { Secret } from '../vocabulary/secret.ts'
import { readsItself } from './sliced-edges.ts'
import { NotAQuery, RejectsByItself, UndeclaredRead } from './graph-errors.ts'
import type { ParsedQuery } from './parsed-query.ts'

/** A query as the graph looks at it: the tables in its holes, and what the parser found in its text. */
export interface RenderedQuery {
  readonly definition: AssetDefinition
  /** The name of the check that the query is; absent where it is the asset's own. */
  readonly check?: string | undefined
  readonly text: string
  /** The same with its masks marked, for the column lineage; absent where it has none. */
  readonly marked?: string | undefined
  readonly holes: readonly AssetKey[]
  /** What the text only marks, and the engine must be told. */
  readonly secrets: readonly Secret[]
  readonly parsed: ParsedQuery
}

/** The mistakes of queries that read what their assets have not declared: edges that the graph would not know. */
export function undeclaredReads(queries: readonly RenderedQuery[], upstreamKeysOf: (key: AssetKey) => readonly AssetKey[], known: readonly AssetKey[]): ExplainedError[] {
  return queries.flatMap<ExplainedError>(({ definition, check, text, holes, parsed }) => {
    const what = check === undefined ? `The query of ${definition.key}` : `The check "${check}" of ${definition.key}`
    if (!parsed.ok) return [new NotAQuery(definition, what, parsed.problem, excerpt(text, parsed.position))]
    const declared = [...upstreamKeysOf(definition.key), ...(readsItself(definition) || check !== undefined ? [definition.key] : [])]
    const read = new Set<string>([...holes, ...parsed.tables, ...parsed.outside.map(name => `${name}(…)`)])
    return [...read].filter(name => !declared.includes(name as AssetKey)).map(name => new UndeclaredRead(definition, what, name, declared.filter(key => key !== definition.key), known))
  })
}

/** The mistakes of promises that take rows out of a table by asking that very table, which is not made yet. */
export function rejectedByThemselves(definitions: readonly AssetDefinition[]): ExplainedError[] {
  return definitions.flatMap(definition => definition.checks.filter(check => rejectingReads([check]).includes(definition.key)).map(({ name }) => new RejectsByItself(definition, name)))
}

const excerpt = (text: string, position = 0): string => text.slice(Math.max(0, position - 20), position + 60).replaceAll(/\s+/g, ' ').trim()
