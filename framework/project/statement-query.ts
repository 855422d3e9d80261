import { mergedColumns, updatedColumns } from './changed-columns.ts'
import { SqlClauses } from './sql-clauses.ts'
import { blank } from './statements-in.ts'

/** What a statement puts into a table, a view or nothing, as a query. */
export interface StatementQuery {
  /** Where the statement has the query in it, lines and columns are those of the statement. */
  readonly sql: string
  /** The names of its columns where it puts them, where these are not the query's own. */
  readonly names?: readonly string[] | undefined
  /** The table or view that the statement creates. */
  readonly creates?: readonly string[] | undefined
}

/** The columns of a table that is known, by its path. */
export type ColumnsOf = (path: readonly string[]) => readonly string[] | undefined

/**
 * The query of one statement, without a semicolon: of CREATE TABLE AS, CREATE VIEW and INSERT the one that is in it; of UPDATE and MERGE one over
 * the same tables that gives what is set, column by column. Of any other text it is the text.
 */
export function statementQuery(sql: string, columnsOf: ColumnsOf = () => undefined): StatementQuery {
  const clauses = new SqlClauses(sql)
  const begin = verbOf(clauses)
  if (clauses.is(begin, 'create')) return created(clauses) ?? { sql }
  if (clauses.is(begin, 'insert')) return inserted(clauses, begin, columnsOf) ?? { sql }
  const changed = clauses.is(begin, 'update') ? updatedColumns(clauses, begin) : clauses.is(begin, 'merge') ? mergedColumns(clauses, begin, columnsOf) : undefined
  return { sql: changed === undefined ? sql : `${clauses.text(0, begin)} ${changed}` }
}

/** Whether a statement is a query and nothing else: it puts its rows nowhere. */
export function isQuery(sql: string): boolean {
  const clauses = new SqlClauses(sql)
  return !clauses.is(verbOf(clauses), ...CHANGES)
}

/** Where the statement says what it does, behind its common table expressions. */
const verbOf = (clauses: SqlClauses): number => (clauses.is(0, 'with') ? clauses.findAny(1, ...VERBS) : 0)

const CHANGES = ['insert', 'update', 'merge', 'delete', 'create', 'drop', 'alter', 'truncate', 'copy', 'set', 'reset', 'use', 'attach', 'detach', 'begin', 'commit', 'rollback', 'pragma', 'install', 'load', 'analyze', 'vacuum', 'comment', 'call']
const VERBS = ['select', 'from', 'values', 'insert', 'update', 'merge', 'delete']

function created(clauses: SqlClauses): StatementQuery | undefined {
  const kind = clauses.afterOne(clauses.after(1, 'or', 'replace'), 'temp', 'temporary', 'materialized', 'recursive')
  if (!clauses.is(kind, 'table', 'view')) return undefined
  const { path, next } = clauses.path(clauses.after(kind + 1, 'if', 'not', 'exists'))
  const names = clauses.names(next)
  const as = names ? next + 1 : next
  if (!clauses.is(as, 'as')) return undefined
  const end = Math.min(clauses.find(as, 'with', 'data'), clauses.find(as, 'with', 'no', 'data'))
  return { sql: clauses.inPlace(as + 1, end), creates: path, names }
}

function inserted(clauses: SqlClauses, begin: number, columnsOf: ColumnsOf): StatementQuery | undefined {
  const into = clauses.afterOne(clauses.after(begin + 1, 'or'), 'replace', 'ignore')
  if (!clauses.is(into, 'into')) return undefined
  const { path, next } = clauses.path(into + 1)
  const list = clauses.is(next, 'as') ? next + 2 : next
  const names = clauses.names(list)
  const by = names ? list + 1 : list
  const byName = clauses.is(by, 'by') && clauses.is(by + 1, 'name')
  const query = clauses.is(by, 'by') ? by + 2 : by
  const end = Math.min(clauses.find(query, 'returning'), clauses.find(query, 'on', 'conflict'))
  if (query >= end || clauses.is(query, 'default')) return undefined
  const rows = clauses.inPlace(query, end)
  const ctes = clauses.text(0, begin)
  return {
    sql: begin === 0 ? rows : `${ctes}${blank(clauses.sql.slice(ctes.length, clauses.offset(begin)))}from (${rows.slice(clauses.offset(begin) + 'from ('.length)}\n)`,
    names: names ?? (byName ? undefined : columnsOf(path)),
  }
}
