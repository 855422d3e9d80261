import { ExplainedError } from '../vocabulary/errors.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'
import type { BoundColumn } from './column-lineage-data.ts'
import type { PlanOperator } from './column-lineage-plan.ts'
import type { LineageSession } from './column-lineage-shadow.ts'

/** A query's plan, or why there is none. */
export type Binding =
  | { readonly type: 'bound'; readonly plan: PlanOperator }
  /** DuckDB cannot show its plan. The columns are absent where they depend on the data, like those of a PIVOT without an IN list. */
  | { readonly type: 'unplannable'; readonly why: string; readonly columns?: readonly BoundColumn[] | undefined }
  | { readonly type: 'refused'; readonly error: QueryDoesNotBind }

/** Binds the queries as the connection sees names now; none is run. One call for all of them costs a third of one for each. */
export async function bindQueries(session: LineageSession, queries: readonly string[]): Promise<Binding[]> {
  if (queries.length === 0) return []
  const texts = queries.map(query => quoteLiteral(named(query))).join(', ')
  const rows = await session.json<{ plan: string }>(`select json_serialize_plan(q, optimize := false) as plan from (select unnest([${texts}]) as q)`)
  const bindings = rows.map(({ plan }, i) => binding(JSON.parse(plan) as SerializedPlan, queries[i]!))
  for (const [i, found] of bindings.entries()) if (found.type === 'unplannable') bindings[i] = { ...found, columns: await describedColumns(session, queries[i]!) }
  return bindings
}

/** What DuckDB says of a query whose plan it cannot write down: a reader of CSV files, say. */
async function describedColumns(session: LineageSession, query: string): Promise<BoundColumn[] | undefined> {
  const [{ plan } = { plan: '' }] = await session.json<{ plan: string }>(`select json_serialize_plan(${quoteLiteral(`describe ${named(query)}`)}, optimize := false) as plan`)
  if ((JSON.parse(plan) as SerializedPlan).error) return undefined
  const rows = await session.json<{ column_name: string; column_type: string }>(`describe ${named(query)}`)
  return rows.map(({ column_name: name, column_type: type }) => ({ name, type }))
}

/** Around the query, so that the plan's top tells the names and types of its columns. */
const named = (query: string): string => `${PREFIX}${query.replace(/(\s|;)*$/, '')}\n) as q`
const PREFIX = 'select * from (\n'

interface SerializedPlan {
  readonly error: boolean
  readonly error_type?: string
  readonly error_message?: string
  readonly position?: string
  readonly plans?: readonly PlanOperator[]
}

function binding({ error, error_type: type, error_message: message = '', position, plans = [] }: SerializedPlan, query: string): Binding {
  if (!error && plans.length === 1) return { type: 'bound', plan: plans[0]! }
  if (!error || type === 'not implemented') return { type: 'unplannable', why: message.replace(/!$/, '') || 'more than one statement' }
  return { type: 'refused', error: new QueryDoesNotBind(message, type ?? 'unknown', position === undefined ? undefined : placeIn(query, Number(position) - PREFIX.length), query) }
}

function placeIn(query: string, byte: number): { readonly line: number; readonly column: number } | undefined {
  if (byte < 0) return undefined
  const before = Buffer.from(query).subarray(0, byte).toString().split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

/** A query that DuckDB cannot make sense of over the tables that it was given. Lines and columns count from 1, in the query's own text. */
export class QueryDoesNotBind extends ExplainedError {
  readonly code = 'graph/query-does-not-bind'
  readonly hint: string
  constructor(message: string, readonly kind: string, readonly at: { readonly line: number; readonly column: number } | undefined, readonly query: string) {
    const [first = '', ...more] = message.split('\n').map(line => line.trim()).filter(Boolean)
    super(at ? `${first} (line ${at.line}, column ${at.column})` : first)
    this.hint = more.find(line => /^(did you mean|candidate)/i.test(line)) ?? 'Check the names and types in the query, and that it declares the tables that it reads.'
  }
}
