import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DeltaTable } from '../delta/delta-table.ts'
import { stageMerge } from '../delta/merge.ts'
import { deltaSchemaOf } from '../delta/schema.ts'
import { isEmpty } from '../delta/table-change.ts'
import type { Written } from '../engines/engine.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { SliceFilter } from '../partitions/slice-filter.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { columnsOfFilter, sliceCondition } from './slice-condition.ts'
import { valueOfJson } from './sift.ts'
import { PublishConflict } from './storage-errors.ts'
import { relationOf } from './written.ts'

/** Below the lake's folder: the table of what an asset rejected is at `_quarantine/<asset key>`, a Delta table like any other. */
export const QUARANTINE = '_quarantine'

/** A row that broke a promise. It is open until a run took it in or no longer found it. */
export interface QuarantinedRow {
  readonly id: string
  readonly rules: readonly string[]
  readonly row: Readonly<Record<string, unknown>>
  readonly sourceFile: string | null
  readonly sourceRow: number | null
  readonly run: string
  /** ISO 8601, UTC. */
  readonly rejectedAt: string
  readonly settledRun: string | null
  readonly settledAt: string | null
}

export interface QuarantineSummary {
  readonly key: AssetKey
  readonly open: number
  readonly settled: number
  /** Of the open rows. A row may have broken several. */
  readonly rules: readonly { readonly rule: string; readonly rows: number }[]
  readonly newestAt: string | null
}

export interface QuarantineEntry {
  readonly aside: Written | undefined
  readonly run: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** Rows that were open and are not rejected this time are settled: all of them, these, those of some slices, or none. */
  readonly settles: 'all' | readonly string[] | RowsOfSlices
}

/** The rows of some slices. `typeOf` gives the type of a column of the asset, in DuckDB's words. */
export interface RowsOfSlices {
  readonly filter: SliceFilter
  readonly typeOf: (column: string) => string
}

const COLUMNS = [
  ['id', 'VARCHAR'], ['rules', 'VARCHAR[]'], ['row', 'VARCHAR'], ['source_file', 'VARCHAR'], ['source_row', 'BIGINT'],
  ['run', 'VARCHAR'], ['rejected_at', 'TIMESTAMP WITH TIME ZONE'], ['settled_run', 'VARCHAR'], ['settled_at', 'TIMESTAMP WITH TIME ZONE'],
] as const
const SCHEMA = deltaSchemaOf(COLUMNS.map(([name, type]) => ({ name, type })))
const NAMES = COLUMNS.map(([name]) => name).join(', ')
const TRIES = 5

/** Enters what a run rejected, and settles what it no longer rejects. Entering the same twice changes nothing. */
export async function enterQuarantine(table: DeltaTable, asset: AssetKey, { aside, run, at, settles }: QuarantineEntry): Promise<void> {
  const none = Array.isArray(settles) && settles.length === 0
  if (!aside && none) return
  const there = (await table.head()) >= 0
  if (!aside && !there) return
  for (let attempt = 1; ; attempt += 1) {
    const base = there || attempt > 1 ? await table.snapshot() : undefined
    const entered = aside && `select id, rules, row, source_file, source_row, ${quoteLiteral(run)} as run, ${quoteLiteral(new Date(at))} as rejected_at, null as settled_run, null as settled_at from (${relationOf(aside)})`
    const settled = base && !none && `select ${NAMES.replace('settled_run, settled_at', `${quoteLiteral(run)} as settled_run, ${quoteLiteral(new Date(at))} as settled_at`)} from (${await base.scanSql()}) as q
      where settled_run is null${amongThose(settles, await base.scanSql())}${entered ? ` and id not in (select id from (${entered}))` : ''}`
    const source = [entered, settled].filter(Boolean).join(' union all ')
    const { change } = await table.database.use(connection => stageMerge(connection, base ?? { root: table.root, schema: SCHEMA }, source, { on: ['id'], ignoring: ['run', 'rejected_at'] }))
    const outcome = base && isEmpty(change) ? undefined : await table.commit(change, base, { operation: 'MERGE', operationParameters: { predicate: 'id' }, timestamp: new Date(at) })
    if (outcome?.status === 'conflict' && attempt === TRIES) throw new PublishConflict(asset, outcome.version, outcome.reason)
    if (outcome?.status !== 'conflict') break
  }
  await forget(aside)
}

function amongThose(settles: QuarantineEntry['settles'], open: string): string {
  if (settles === 'all') return ''
  if (!('typeOf' in settles)) return ` and id in (${settles.map(id => quoteLiteral(id)).join(', ')})`
  const { filter, typeOf } = settles
  const columns = columnsOfFilter(filter).map(name => `try(${valueOfJson('q.row', { name, type: typeOf(name) })}) as ${quoteIdentifier(name)}`)
  return ` and q.id in (select "quarantined row" from (select q.id as "quarantined row", ${columns.join(', ')} from (${open}) as q) where ${sliceCondition(filter, typeOf)})`
}

/** Takes the files of rows away that were not, or are no longer, to be entered. */
export async function forget(aside: Written | undefined): Promise<void> {
  for (const folder of new Set(aside?.files.map(({ path }) => dirname(path)))) await rm(folder, { recursive: true, force: true })
}

/** How much of an asset is in quarantine; undefined where never anything was. */
export async function quarantineSummary(table: DeltaTable, key: AssetKey): Promise<QuarantineSummary | undefined> {
  if ((await table.head()) < 0) return undefined
  const rows = await (await table.snapshot()).scanSql()
  return table.database.use(async connection => {
    const [counts] = await connection.json<{ open: number; settled: number; newest: string | null }>(
      `select count(*) filter (where settled_run is null)::double as open, count(*) filter (where settled_run is not null)::double as settled, strftime(max(rejected_at) filter (where settled_run is null), '%Y-%m-%dT%H:%M:%SZ') as newest from (${rows})`)
    const rules = await connection.json<{ rule: string; rows: number }>(`select rule, count(*)::double as rows from (select unnest(rules) as rule from (${rows}) where settled_run is null) group by rule order by rows desc, rule`)
    return { key, open: counts!.open, settled: counts!.settled, rules, newestAt: counts!.newest }
  })
}

export interface QuarantineFilter {
  readonly rule?: string | undefined
  readonly ids?: readonly string[] | undefined
  /** Those too that are settled. */
  readonly all?: boolean | undefined
  readonly limit?: number | undefined
}

/** Rows in quarantine, the newest first. */
export async function quarantinedRows(table: DeltaTable, { rule, ids, all = false, limit }: QuarantineFilter = {}): Promise<readonly QuarantinedRow[]> {
  if ((await table.head()) < 0) return []
  const scan = await (await table.snapshot()).scanSql()
  const where = [
    ...(all ? [] : ['settled_run is null']),
    ...(rule === undefined ? [] : [`list_contains(rules, ${quoteLiteral(rule)})`]),
    ...(ids === undefined ? [] : [`id in (${ids.map(id => quoteLiteral(id)).join(', ') || 'null'})`]),
  ]
  const instant = (column: string) => `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ')`
  const rows = await table.database.use(connection => connection.json<Omit<QuarantinedRow, 'row'> & { readonly row: string }>(`
    select id, rules, row, source_file as "sourceFile", source_row::double as "sourceRow", run, ${instant('rejected_at')} as "rejectedAt", settled_run as "settledRun", ${instant('settled_at')} as "settledAt"
    from (${scan})${where.length === 0 ? '' : ` where ${where.join(' and ')}`} order by rejected_at desc, source_file, source_row, id${limit === undefined ? '' : ` limit ${limit}`}`))
  return rows.map(({ row, ...rest }) => ({ ...rest, row: JSON.parse(row) as QuarantinedRow['row'] }))
}
