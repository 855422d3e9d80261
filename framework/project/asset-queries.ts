import type { ContainerInstance } from 'typedi'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { Contract } from '../definition/contract.ts'
import type { Dialect, Variable } from '../definition/run-context.ts'
import { ownTable } from '../definition/own-table.ts'
import { NoContract, variableOf } from '../definition/run-context.ts'
import { markedMask } from '../graph/column-lineage-expression.ts'
import { parseQueries, PARSER_VERSION, type ParsedQuery, type ParserSession } from '../graph/parsed-query.ts'
import type { RenderedQuery } from '../graph/query-reads.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import { hasMask, isSql, ownWordsIn, quoteIdentifier, secretsIn, sqlText, tablesIn, type SqlFragment } from '../vocabulary/sql.ts'
import { fingerprint } from '../vocabulary/version.ts'
import type { Cache } from './cache.ts'

/** A query with what it was rendered from. */
export interface RenderedFragment extends RenderedQuery {
  readonly fragment: SqlFragment
  /** Whether it is known to be the same in each dialect, since nobody asked for which it is. */
  readonly inAllDialects: boolean
}

/**
 * Renders the query of every SQL asset once, and every check that is a query of its own, and has those parsed whose text was not seen before.
 * @param all whether these are all there are: then what others were like is forgotten
 */
export async function renderQueries(
  definitions: readonly AssetDefinition[],
  all: boolean,
  services: ContainerInstance,
  contracts: ReadonlyMap<string, Contract>,
  variables: Readonly<Record<string, Variable>>,
  cache: Cache<ParsedQuery>,
  session: () => Promise<ParserSession>,
): Promise<RenderedFragment[]> {
  const rendered = definitions.flatMap(definition => [...(render(definition, services, contracts, variables, 'duckdb') ?? []), ...renderedChecks(definition, services)])
  const keys = rendered.map(({ text }) => fingerprint(PARSER_VERSION, text))
  const unknown = [...new Set(keys.flatMap((key, i) => (cache.get(key) ? [] : [i])))]
  if (unknown.length > 0) {
    const parsed = await parseQueries(await session(), unknown.map(i => rendered[i]!.text))
    for (const [n, i] of unknown.entries()) cache.set(keys[i]!, parsed[n]!)
  }
  if (all) cache.keep(new Set(keys))
  return rendered.map((query, i) => ({ ...query, parsed: cache.get(keys[i]!)! }))
}

/** The queries of assets of which it is known how the parser saw them. */
export function renderKept(parsed: ReadonlyMap<AssetDefinition, ParsedQuery>, services: ContainerInstance, contracts: ReadonlyMap<string, Contract>, variables: Readonly<Record<string, Variable>>): RenderedQuery[] {
  return [...parsed].flatMap(([definition, each]) => (render(definition, services, contracts, variables, 'duckdb') ?? []).map(query => ({ ...query, parsed: each })))
}

function render(definition: AssetDefinition, services: ContainerInstance, contracts: ReadonlyMap<string, Contract>, variables: Readonly<Record<string, Variable>>, dialect: Dialect): readonly Unparsed[] | undefined {
  if (definition.kind !== 'sql') return undefined
  const { fragment, inAllDialects } = fragmentOf(definition, services, contracts, variables, dialect)
  return [{ definition, fragment, inAllDialects, text: sqlText(fragment, quoteIdentifier), holes: tablesIn(fragment), secrets: secretsIn(fragment), marked: hasMask(fragment) ? sqlText(fragment, quoteIdentifier, markedMask) : undefined }]
}

function fragmentOf(definition: AssetDefinition, services: ContainerInstance, contracts: ReadonlyMap<string, Contract>, variables: Readonly<Record<string, Variable>>, dialect: Dialect): Pick<RenderedFragment, 'fragment' | 'inAllDialects'> {
  const body = definition.body(services)
  if (body.kind !== 'sql') throw new Error(`${definition.key} changed its kind`)
  let inAllDialects = true
  try {
    const fragment = body.query({
      get dialect() {
        inAllDialects = false
        return dialect
      },
      variable: name => variableOf(variables, name),
      get contract() {
        const contract = definition.contract === undefined ? undefined : contracts.get(definition.contract)
        if (!contract) throw new NoContract(definition.key)
        return contract
      },
    })
    if (!isSql(fragment)) throw new NoSql(definition, 'query()')
    return { fragment, inAllDialects }
  } catch (error) {
    if (error instanceof ExplainedError) throw error
    throw new QueryThrew(definition, 'query()', error as Error)
  }
}

type Unparsed = Omit<RenderedFragment, 'parsed'>

/** The checks that a method of the asset writes: what those read is nowhere declared either. */
function renderedChecks(definition: AssetDefinition, services: ContainerInstance): readonly Unparsed[] {
  return definition.checks.flatMap(({ name, rule }) => {
    if (rule.kind !== 'method') return []
    try {
      const fragment = rule.violations(services)
      if (!isSql(fragment)) throw new NoSql(definition, `${name}()`)
      const named = (key: AssetKey) => (key === ownTable.key ? definition.key : key)
      return [{ definition, check: name, fragment, inAllDialects: true, text: sqlText(fragment, key => quoteIdentifier(named(key))), holes: tablesIn(fragment).map(named), secrets: secretsIn(fragment) }]
    } catch (error) {
      if (error instanceof ExplainedError) throw error
      throw new QueryThrew(definition, `${name}()`, error as Error)
    }
  })
}

export class NoSql extends ExplainedError {
  readonly code = 'project/no-sql'
  readonly hint = 'Return what the sql tag makes: return sql`select …`'
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition, method: string) {
    super(`${method} of ${definition.key} returns no query.`)
    this.place = definition.place
  }
}

/** What of an asset's query is said in the words of the engine that makes it: a body of its own, or single expressions. */
export function ownWords(definition: AssetDefinition, dialect: Dialect, services: ContainerInstance, contracts: ReadonlyMap<string, Contract>, variables: Readonly<Record<string, Variable>>): readonly string[] | undefined {
  if (dialect === 'duckdb' || definition.kind !== 'sql') return undefined
  const [here, there] = (['duckdb', dialect] as const).map(each => fragmentOf(definition, services, contracts, variables, each).fragment)
  const body = sqlText(there!, quoteIdentifier)
  const words = body === sqlText(here!, quoteIdentifier) ? ownWordsIn(there!, dialect) : [body, ...ownWordsIn(there!, dialect)]
  return words.length === 0 ? undefined : [dialect, ...words]
}

export class QueryThrew extends ExplainedError {
  readonly code = 'project/query-threw'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition, method: string, override readonly cause: Error) {
    super(`${method} of ${definition.key} threw: ${cause.message.split('\n')[0]}`)
    this.hint = `${method} is called when the project is loaded, to know what it reads. It must need nothing but its upstreams, its context and its resources.`
    this.place = definition.place
  }
}
