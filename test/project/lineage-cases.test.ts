import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ColumnEdge, LineageGraph } from '../../framework/graph/lineage-graph.ts'
import { statementLineage } from '../../framework/project/statement-lineage.ts'

interface Case {
  readonly id: string
  readonly sql: string
  readonly schema: Readonly<Record<string, readonly string[]>>
  readonly expected: Readonly<Record<string, readonly string[]>>
  readonly accept?: Readonly<Record<string, readonly (readonly string[])[]>>
}

const FILE = new URL('../../../shared/lineage-cases/cases.json', import.meta.url)

describe.skipIf(!existsSync(FILE))('the cases of other projects (skipped where ../shared is not there)', () => {
  const { cases } = (existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { cases: [] }) as { cases: Case[] }
  let folder: string
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'varve-test-')) })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('come out as expected, as `varve lineage --sql-file` tells them', { timeout: 240_000 }, async () => {
    const wrong: string[] = []
    for (const one of cases) if (!isRight(one, await lineageOf(one))) wrong.push(one.id)
    expect([cases.length, wrong]).toEqual([167, []])
  })

  /** The cases say no types: the first that all of the query's functions take. */
  async function lineageOf({ id, sql, schema }: Case): Promise<LineageGraph> {
    const [query, tables] = [join(folder, 'query.sql'), join(folder, 'tables.json')]
    writeFileSync(query, sql)
    let refused: unknown
    for (const type of ['INTEGER', 'VARCHAR', 'TIMESTAMP', 'DOUBLE', 'INTEGER[]', 'JSON', 'DATE', 'BOOLEAN']) {
      writeFileSync(tables, JSON.stringify(Object.fromEntries(Object.entries(schema).map(([name, columns]) => [name, Object.fromEntries(columns.map(column => [column, type]))]))))
      try {
        return (await statementLineage(query, tables)).graph
      } catch (error) {
        refused ??= error
      }
    }
    throw new Error(`${id} does not bind`, { cause: refused })
  }
})

/** They count as sources of a value what its OVER, FILTER and ORDER BY name, too. What a query leaves unnamed they number. */
function isRight({ expected, accept = {} }: Case, { nodes, columnEdges = [] }: LineageGraph): boolean {
  const columns = nodes.find(({ key }) => key === 'query')!.columns!.map(({ name }) => name)
  return Object.entries(expected).every(([name, sources], i) => {
    const column = columns.find(each => each.toLowerCase() === name.toLowerCase()) ?? columns[i]
    const from = (counts: (edge: ColumnEdge) => boolean) => new Set(columnEdges.filter(edge => edge.to === `query.${column}` && counts(edge)).map(edge => edge.from.toLowerCase()))
    const found = [from(({ relation }) => relation === 'value'), from(({ relation, kind }) => relation === 'value' || kind === 'window'), from(({ relation, kind }) => relation === 'value' || ['window', 'filter', 'sort_limit'].includes(kind))]
    return [sources, ...(accept[name] ?? [])].map(list => new Set(list.map(source => source.toLowerCase()))).some(wanted => found.some(each => equal(wanted, each)))
  })
}

const equal = (a: ReadonlySet<string>, b: ReadonlySet<string>) => a.size === b.size && [...a].every(item => b.has(item))
