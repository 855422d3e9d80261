import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { queryLineage, type QueryLineage, type ShadowTable } from '../../framework/graph/column-lineage.ts'

interface Case {
  readonly id: string
  readonly sql: string
  readonly schema: Readonly<Record<string, readonly string[]>>
  readonly target: string | null
  readonly expected: Readonly<Record<string, readonly string[]>>
  readonly accept?: Readonly<Record<string, readonly (readonly string[])[]>>
}

const FILE = new URL('../../../shared/lineage-cases/cases.json', import.meta.url)

describe.skipIf(!existsSync(FILE))('the cases of other projects (skipped where ../shared is not there)', () => {
  const { cases } = (existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { cases: [] }) as { cases: Case[] }
  let database: Database
  beforeAll(async () => { database = await Database.open() })
  afterAll(() => database.close())

  it('come out as expected', async () => {
    const tally = { right: 0, wrong: [] as string[], 'changes rows in place': 0, 'needs the view of an earlier statement': 0 }
    for (const one of cases) {
      const query = queryOf(one)
      if (typeof query === 'string') tally[query] += 1
      else if (isRight(one, query.names, await lineageOf(one, query.sql))) tally.right += 1
      else tally.wrong.push(one.id)
    }
    expect(tally).toEqual({ right: 158, wrong: [], 'changes rows in place': 8, 'needs the view of an earlier statement': 1 })
  })

  /** The cases say no types: the first that all of the query's functions take. */
  async function lineageOf({ schema, id }: Case, sql: string): Promise<QueryLineage> {
    let refused: unknown
    for (const type of ['INTEGER', 'VARCHAR', 'TIMESTAMP', 'DOUBLE', 'INTEGER[]', 'JSON', 'DATE', 'BOOLEAN']) {
      const tables = Object.entries(schema).map(([name, columns]): ShadowTable => ({ name, path: name.split('.'), columns: columns.map(column => ({ name: column, type })) }))
      try {
        return await database.use(connection => queryLineage(connection, sql, tables))
      } catch (error) {
        refused ??= error
      }
    }
    throw new Error(`${id} does not bind`, { cause: refused })
  }
})

/** The query in the last statement, with the names of the columns that it fills; or why there is none for us. */
function queryOf({ sql, schema, target }: Case): { sql: string; names: readonly string[] | undefined } | 'changes rows in place' | 'needs the view of an earlier statement' {
  const statements = sql.split(/;\s*(?:\n|$)/).map(statement => statement.trim()).filter(Boolean)
  if (statements.slice(0, -1).some(statement => /^create/i.test(statement))) return 'needs the view of an earlier statement'
  const text = statements.at(-1)!
  if (/^(merge|update)\b/i.test(text)) return 'changes rows in place'
  const insert = /^((?:with\b.*?\)\s*)?)insert\s+into\s+[\w.]+\s*(by name)?\s*(?:\(([^()]*)\))?\s*(\(?\s*(?:select|with|values)\b.*)$/is.exec(text)
  if (insert) {
    const [, ctes = '', byName, columns, query = ''] = insert
    return { sql: `${ctes} ${query}`, names: columns?.split(',').map(name => name.trim()) ?? (byName ? undefined : schema[target ?? '']) }
  }
  const create = /^create\s+(?:or replace\s+)?(?:table|view)\s+[\w.]+\s*(?:\(([^()]*)\))?\s*as\s+(.*)$/is.exec(text)
  if (create) return { sql: create[2]!, names: create[1]?.split(',').map(name => name.trim()) }
  return { sql: text, names: undefined }
}

/** They count as sources of a value what its OVER, FILTER and ORDER BY name, too, even where a filter of that value makes it decide on all rows. */
function isRight({ expected, accept = {} }: Case, names: readonly string[] | undefined, { columns, rowset }: QueryLineage): boolean {
  const said = Object.entries(expected).map(([name, sources]) => [name.toLowerCase(), [sources, ...(accept[name] ?? [])].map(list => new Set(list.map(source => source.toLowerCase())))] as const)
  return said.every(([name, choices]) => {
    const i = columns.findIndex((column, i) => ((names?.length === columns.length ? names[i] : undefined) ?? column.name).toLowerCase() === name)
    const column = columns[i] ?? columns[Object.keys(expected).findIndex(other => other.toLowerCase() === name)]
    const values = column?.from.map(source) ?? []
    const own = rowset.filter(({ only, kind }) => only?.includes(column?.name ?? '') && (kind === 'window' || kind === 'filter' || kind === 'sort_limit')).map(source)
    const windows = rowset.filter(({ only, kind }) => !only && kind === 'window').map(source)
    return choices.some(choice => [values, [...values, ...own], [...values, ...windows]].some(found => equal(choice, new Set(found))))
  })
}

const source = ({ table, column }: { table: string; column: string }) => `${table}.${column}`.toLowerCase()
const equal = (a: ReadonlySet<string>, b: ReadonlySet<string>) => a.size === b.size && [...a].every(item => b.has(item))
