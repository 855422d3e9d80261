import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Connection } from '../../framework/duckdb/connection.ts'
import type { QueryLineage, ShadowTable } from '../../framework/graph/column-lineage.ts'

const MARK = '/* lineage'

/** The tables that all cases of `column-lineage/` are asked over. */
export const TABLES: readonly ShadowTable[] = Object.entries(JSON.parse(read('tables.json')) as Record<string, Record<string, string>>)
  .map(([name, columns]) => ({ name, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) }))

export const MASKS = ['mask_email', 'sha256']

export const createMacros = (connection: Connection): Promise<number> => connection.run(read('macros.sql'))

/** One file of `column-lineage/`: a query, and in the comment at its end what it reads. */
export interface LineageCase {
  readonly name: string
  readonly sql: string
  readonly expected: string
}

export const CASES: readonly LineageCase[] = readdirSync(folder()).filter(file => file.endsWith('.sql') && file !== 'macros.sql').sort().map(file => {
  const [sql = '', expected = ''] = read(file).split(MARK)
  return { name: file.slice(0, -4), sql, expected: expected.trim().replace(/\s*\*\/$/, '') }
})

/** Writes what was found into the case's file: for a new case, to be read before it is kept. */
export const keepAsExpected = ({ name, sql }: LineageCase, lineage: string): void =>
  writeFileSync(new URL(`${name}.sql`, folder()), `${sql.trimEnd()}\n\n${MARK}\n${lineage}\n*/\n`)

/** A line for each column, then what decides on the rows. */
export function inLines({ columns, rowset, complete, unknown }: QueryLineage): string {
  const from = columns.map(({ name, type, from }) => `${name} ${type} <- ${from.map(edge => [edge.kind === 'identity' ? '' : edge.kind, edge.masked ? 'masked' : '', `${edge.table}.${edge.column}`].filter(Boolean).join(' ')).join(', ')}`.trimEnd())
  const rows = rowset.map(edge => [`${edge.kind}:`, edge.masked ? 'masked' : '', `${edge.table}.${edge.column}`, edge.only ? `for ${edge.only.join(', ')}` : ''].filter(Boolean).join(' '))
  return [...from, ...(rows.length > 0 ? ['rows', ...rows.sort().map(row => `  ${row}`)] : []), ...(complete ? [] : [`not understood: ${unknown.join(', ')}`])].join('\n')
}

function folder(): URL {
  return new URL('column-lineage/', import.meta.url)
}

function read(file: string): string {
  return readFileSync(new URL(file, folder()), 'utf8')
}
