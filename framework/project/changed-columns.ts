import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { SqlClauses } from './sql-clauses.ts'
import type { ColumnsOf } from './statement-query.ts'

/**
 * What an UPDATE, which begins at that part, sets, as a query over the tables that it looks at: `select s.name as name from target, source as s where ...`.
 * Nothing where it is written in a way that we do not know.
 */
export function updatedColumns(clauses: SqlClauses, begin: number): string | undefined {
  const set = clauses.find(begin, 'set')
  const end = clauses.find(set, 'returning')
  const where = Math.min(clauses.find(set, 'where'), end)
  const from = Math.min(fromOf(clauses, set), where)
  const columns = assigned(clauses, set + 1, from)
  if (!columns) return undefined
  const tables = [clauses.text(begin + 1, set), ...(from < where ? [clauses.text(from + 1, where)] : [])]
  return `select ${columns} from ${tables.join(', ')} ${clauses.text(where, end)}`
}

/** Of a FROM clause, and not of IS DISTINCT FROM. */
function fromOf(clauses: SqlClauses, begin: number): number {
  let at = clauses.find(begin, 'from')
  while (clauses.is(at - 1, 'distinct')) at = clauses.find(at + 1, 'from')
  return at
}

/**
 * What a MERGE, which begins at that part, sets and inserts: the columns of each WHEN, put together by their names. Nothing where it is written in a
 * way that we do not know, or does neither.
 */
export function mergedColumns(clauses: SqlClauses, begin: number, columnsOf: ColumnsOf): string | undefined {
  const using = clauses.find(begin, 'using')
  const on = Math.min(clauses.find(using, 'on'), clauses.find(using + 1, 'using'))
  const end = clauses.find(on, 'returning')
  const merge: Merge = { clauses, target: clauses.text(begin + 2, using), source: clauses.text(using + 1, on), columns: columnsOf(clauses.path(begin + 2).path) }
  const starts: number[] = []
  for (let at = clauses.find(on, 'when'); at < end; at = clauses.find(at + 1, 'when')) starts.push(at)
  const match = clauses.text(on, starts[0] ?? end)
  const parts = starts.map((start, i) => branch(merge, match, start, starts[i + 1] ?? end))
  const told = parts.filter(part => part !== 'nothing')
  if (told.length === 0 || told.includes(undefined)) return undefined
  return told.join(' union all by name ')
}

interface Merge {
  readonly clauses: SqlClauses
  readonly target: string
  readonly source: string
  readonly columns: readonly string[] | undefined
}

function branch({ clauses, target, source, columns }: Merge, match: string, when: number, end: number): string | 'nothing' | undefined {
  const then = clauses.find(when, 'then')
  const and = Math.min(clauses.find(when, 'and'), then)
  const rows = `from ${target} join ${source} ${match} ${and < then ? `where ${clauses.text(and + 1, then)}` : ''}`
  const action = then + 1
  if (clauses.is(action, 'delete', 'do', 'error')) return 'nothing'
  if (clauses.is(action, 'update') && clauses.is(action + 1, 'set')) {
    const set = assigned(clauses, action + 2, end)
    return set && `select ${set} ${rows}`
  }
  const values = clauses.find(action, 'values')
  if (clauses.is(action, 'insert') && values < end) {
    const inner = clauses.bracket(values + 1)
    const names = clauses.names(action + 1) ?? columns
    const list = inner?.list(0, inner.length)
    if (!inner || !names || list?.length !== names.length) return undefined
    return `select ${list.map(([from, to], i) => column(inner.text(from, to), names[i]!)).join(', ')} ${rows}`
  }
  // All columns of the source, by their names.
  return clauses.is(action, 'insert', 'update') ? `select * from ${source} semi join ${target} ${match}` : undefined
}

/** The assignments of a SET as columns of a query. */
function assigned(clauses: SqlClauses, begin: number, end: number): string | undefined {
  const columns = clauses.list(begin, end).flatMap(([from, to]) => {
    let equals = from
    while (equals < to && !clauses.isSign(equals, '=')) equals += 1
    if (equals === from || equals >= to - 1) return [undefined]
    const names = clauses.names(from)
    if (!names) return [column(clauses.text(equals + 1, to), clauses.path(equals - 1).path[0] ?? '')]
    const inner = clauses.bracket(clauses.is(equals + 1, 'row') ? equals + 2 : equals + 1)
    const values = inner?.is(0, 'select', 'with', 'from', 'values') ? undefined : inner?.list(0, inner.length)
    return names.map((name, i) => (inner && values?.length === names.length ? column(inner.text(...values[i]!), name) : undefined))
  })
  return columns.length === 0 || columns.includes(undefined) ? undefined : columns.join(', ')
}

const column = (value: string, name: string): string => `(${value.toLowerCase() === 'default' ? 'null' : value}) as ${quoteIdentifier(name)}`
