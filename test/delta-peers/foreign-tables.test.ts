import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { isOrdered } from '../../framework/delta/file-bounds.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { stageMerge } from '../../framework/delta/merge.ts'
import { stageOptimize } from '../../framework/delta/optimize.ts'
import { usesType } from '../../framework/delta/protocol.ts'
import { stageDelete, stageUpdate } from '../../framework/delta/row-changes.ts'
import { duckdbType } from '../../framework/delta/schema.ts'
import { isArray, isMap, isStruct, type DeltaType } from '../../framework/delta/schema-types.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import { append, overwritePartitions } from '../../framework/delta/stage.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { exactPath } from '../../framework/duckdb/exact-path.ts'
import { quoteIdentifier, quoteLiteral } from '../../framework/vocabulary/sql.ts'
import { Rig } from '../delta/rig.ts'
import { Peer } from './peer.ts'
import { jars, python } from './setup-peers.ts'

interface Told {
  readonly failed?: string
  readonly versions: Readonly<Record<string, { readonly rows: number | null; readonly schema: readonly (readonly [name: string, type: DeltaType])[]; readonly folder: string | null }>>
}

const rig = new Rig()
const made = process.env['VARVE_FOREIGN_TABLES']
const folder = made ?? mkdtempSync(join(tmpdir(), 'varve-foreign-'))
if (!made) execFileSync(python, [join(import.meta.dirname, 'foreign_tables.py'), folder, jars.join(',')], { env: { ...process.env, TZ: 'UTC', PYSPARK_PYTHON: python }, stdio: ['ignore', 'ignore', 'inherit'] })
const tables = Object.entries(JSON.parse(readFileSync(join(folder, 'tables.json'), 'utf8')) as Record<string, Told>)

describe('a table that Spark or delta-rs made', () => {
  afterAll(() => { if (!made) rmSync(folder, { recursive: true, force: true }) })
  // Started by the first that needs it: to read what is there needs none.
  let spark: Promise<Peer> | undefined
  let deltaRs: Promise<Peer> | undefined
  afterAll(async () => { for (const peer of [spark, deltaRs]) (await peer)?.stop() })
  const open = (name: string) => new DeltaTable(join(folder, name), new LocalLogStore(join(folder, name)), rig.database)

  it.each(tables)('%s reads equal at each version', async (name, { versions, failed }) => {
    expect(failed).toBeUndefined()
    const table = open(name)
    expect((await table.snapshot()).version).toBe(Math.max(...Object.keys(versions).map(Number)))
    for (const [version, { rows, schema, folder: expected }] of Object.entries(versions)) {
      const snapshot = await table.snapshot({ version: Number(version) })
      expect({ version, schema: snapshot.schema.fields.filter(({ type }) => type !== 'void').map(field => [field.name, withoutMetadata(field.type)]) }).toEqual({ version, schema: schema.map(([column, type]) => [column, withoutMetadata(type)]) })
      await rig.database.use(async connection => {
        if (expected === null) expect({ version, rows: await snapshot.countRows(connection) }).toEqual({ version, rows })
        else {
          await same(connection, `version ${version}`, await rowsOf(snapshot), exported(expected, columnsOf(snapshot)))
          expect([version, await snapshot.countRows(connection)]).toEqual([version, Number((await connection.rows<{ n: bigint }>(`select count(*) as n from (${exported(expected, columnsOf(snapshot))})`))[0]!.n)])
        }
        expect([version, await table.trouble(snapshot)]).toEqual([version, undefined])
      })
    }
  })

  it.each(tables)('%s gives with each filter the rows that the filter finds in all of it', async name => {
    const snapshot = await open(name).snapshot()
    for (const { column, filter } of await filtersFor(snapshot)) {
      await rig.database.use(async connection => {
        const count = async (query: string) => Number((await connection.rows<{ n: bigint }>(`select count(*) as n from (${query})`))[0]!.n)
        const wanted = await count(`select 1 from (select * from (${await snapshot.scanSql({ columns: [column] })}) limit 1000000) where ${filter}`)
        expect({ filter, rows: await count(await snapshot.scanSql({ columns: [column], filter })) }).toEqual({ filter, rows: wanted })
      })
    }
  })

  it.each(tables.filter(([name]) => WRITTEN.has(name) || name in REFUSED))('%s takes rows from us and gives rows to us, is packed, and Spark reads what is left; or writing is refused by name', async (name, { failed }) => {
    expect(failed).toBeUndefined()
    const root = join(rig.folder, 'written', String(tables.findIndex(([known]) => known === name)))
    cpSync(join(folder, name), root, { recursive: true })
    const table = rig.table(root)
    const before = await table.snapshot()
    const columns = columnsOf(before)
    const [where = 'false'] = (await filtersFor(before)).map(({ filter }) => filter)
    // Numbers that rows are told apart by, with room for others: plain, and of whichever column comes first.
    const named = before.schema.fields.filter(({ name, type, metadata }) => type === 'integer' && !before.partitionColumns.includes(name) && !('delta.generationExpression' in (metadata ?? {}))).map(({ name }) => name)[0]
    const work = (): Promise<unknown> => rig.database.use(async c => {
      const commit = async (think: (base: Snapshot) => Promise<TableChange>) => {
        const base = await table.snapshot()
        const outcome = await table.commit(await think(base), base, { operation: 'WRITE' })
        expect(outcome.status).not.toBe('conflict')
      }
      const rows = await before.scanSql()
      await commit(async base => append(base, await writeDataFiles(c, rows, base)))
      await c.run(`create or replace temp table wanted as select ${columns || 1} from (${rows}) union all select ${columns || 1} from (${rows})`)
      if (before.properties['delta.appendOnly'] !== 'true') {
        if (named && !RULED.has(name)) {
          const key = quoteIdentifier(named)
          const batch = `select distinct on (${key}) * replace (${key} + 50 as ${key}) from (${rows}) where ${key} between -1000 and 1000000 order by all`
          await commit(async base => (await stageMerge(c, base, batch, { on: [named] })).change)
          await c.run(`create or replace temp table wanted as select ${columns} from wanted where ${key} is null or ${key} not in (select ${key} from (${batch})) union all
            select ${columns} from (${batch}) join (select ${key}, count(*) as n from wanted group by ${key} union select ${key}, 1 from (${batch}) where ${key} not in (select ${key} from wanted where ${key} is not null)) as m using (${key}), generate_series(1, m.n)`)
          await commit(async base => (await stageUpdate(c, base, { [named]: `${key} + 1` }, `${key} between 52 and 1000000`)).change)
          await c.run(`update wanted set ${key} = ${key} + 1 where ${key} between 52 and 1000000`)
        }
        if (before.partitionColumns.length > 0) await commit(async base => {
          // By what the values are: writers write the same one differently.
          const [first] = base.files
          const alike = base.partitionColumns.map(quoteIdentifier).map(column => `one.${column} is not distinct from every.${column}`).join(' and ')
          return overwritePartitions(base, await writeDataFiles(c, `select * from (${await base.scanSql()}) as every where exists (select 1 from (${await base.scanSql({ files: [first!] })}) as one where ${alike})`, base))
        })
        await commit(async base => (await stageDelete(c, base, where)).change)
        await c.run(`delete from wanted where ${where}`)
      }
      await commit(async base => (await stageOptimize(c, base)).change)
      await table.checkpoint()
      await same(c, 'ours', await rowsOf(await rig.table(root).snapshot()), 'from wanted')
    })
    const refused = REFUSED[name]
    if (refused) {
      await expect(work()).rejects.toMatchObject({ message: expect.stringMatching(refused) })
      expect(await rig.table(root).head()).toBe(before.version)
      return
    }
    await work()
    if (columns.length === 0) return
    const to = join(rig.folder, 'exported', name.replace(/\W/g, '_'))
    spark ??= Peer.start('spark')
    await (await spark).ask({ do: 'export', path: root, to })
    await rig.database.use(async c => {
      await same(c, 'Spark', exported(to, columns), await rowsOf(await rig.table(root).snapshot()))
    })
    deltaRs ??= Peer.start('delta-rs')
    const third = (await deltaRs).ask({ do: 'export', path: root, to: `${to}-rs` })
    if (name in NOT_FOR_DELTA_RS) return void await expect(third).rejects.toThrow(NOT_FOR_DELTA_RS[name])
    await third
    await rig.database.use(async c => same(c, 'delta-rs', exported(`${to}-rs`, columns), await rowsOf(await rig.table(root).snapshot())))
  })
})

/** Those in which kinds of tables meet: the others would only say the same again. */
const WRITTEN: ReadonlySet<string> = new Set([
  'mapped_by_name', 'plain_odd_names', 'nested', 'primitives', 'odd_partitions', 'partitioned_by_timestamp', 'widened_marked_mapped', 'second_checkpoint_json', 'checkpoint_in_parts', 'struct_statistics', 'own_times', 'change_feed', 'cloned', 'legacy_protocol', 'defaults', 'clustered', 'feature_dropped',
  'many_partitions_none', 'many_partitions_name', 'many_partitions_id', 'widened_partitions', 'generated_partitions', 'plain_rules', 'everything_marked', 'struct_statistics_mapped', 'lately_timed', 'clustered_mapped', 'restored_over_schemas',
  'mapping_dropped', 'widening_dropped', 'checkpoints_dropped', 'vacuumed_lightly', 'converted_odd', 'nested_void', 'lengths',
])

/** Rules that we do not keep are not written against, and the refusal names them. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  identity: /numbers id itself/, generated: /Invalid Input/, variant: /variant/, row_tracking: /rowTracking/, iceberg_1: /icebergCompatV1/, iceberg_2: /icebergCompatV2/, checkpointed_domains: /rowTracking/, odd_rules: /one \(/, variants_beside: /variant/,
}

/** Rules of their own say which numbers there may be. */
const RULED: ReadonlySet<string> = new Set(['plain_rules'])

/** What delta-rs, or Arrow behind it, does not read, whoever wrote it. */
const NOT_FOR_DELTA_RS: Readonly<Record<string, RegExp>> = { mapped_by_name: /StringView/, lengths: /StringView/, widened_marked_mapped: /TypeWidening/, widened_partitions: /TypeWidening/ }

/** The columns that can be compared, as SQL. */
const columnsOf = ({ schema }: Snapshot): string => schema.fields.filter(({ type }) => type !== 'void' && !usesType(type, 'variant')).map(({ name }) => quoteIdentifier(name)).join(', ')

async function rowsOf(snapshot: Snapshot): Promise<string> {
  const names = snapshot.schema.fields.filter(({ type }) => type !== 'void' && !usesType(type, 'variant')).map(({ name }) => name)
  return `select ${columnsOf(snapshot)} from (${await snapshot.scanSql({ columns: names })})`
}

const exported = (place: string, columns: string): string => `select ${columns} from read_parquet(${exactPath(place).replace(/'$/, "/*.parquet'")}, hive_partitioning=false)`

/** Two queries give the same types and the same rows, in whatever order. */
async function same(connection: Connection, what: string, found: string, wanted: string): Promise<void> {
  expect({ what, types: await connection.describe(found) }).toEqual({ what, types: await connection.describe(wanted) })
  expect({ what, extra: await connection.json(`(${found}) except all (${wanted}) limit 5`) }).toEqual({ what, extra: [] })
  expect({ what, missing: await connection.json(`(${wanted}) except all (${found}) limit 5`) }).toEqual({ what, missing: [] })
}

/** Comparisons of each column with some of its values. */
async function filtersFor(snapshot: Snapshot): Promise<{ readonly column: string; readonly filter: string }[]> {
  const filters: { readonly column: string; readonly filter: string }[] = []
  for (const field of snapshot.schema.fields.filter(isOrdered)) {
    const column = quoteIdentifier(field.name)
    const scan = await snapshot.scanSql({ columns: [field.name] })
    const values = await rig.database.use(c => c.rows<{ v: string }>(`select v::varchar as v from (select distinct ${column} as v from (${scan})) where v is not null order by hash(v) limit 6`))
    for (const { v } of values.filter(each => !each.v.includes('\0'))) {
      const literal = `${quoteLiteral(v)}::${duckdbType(field.type)}`
      for (const operator of ['=', '<', '>=', '<>']) filters.push({ column: field.name, filter: `${column} ${operator} ${literal}` })
    }
    filters.push({ column: field.name, filter: `${column} is null` }, { column: field.name, filter: `not (${column} is null)` })
  }
  return filters
}

function withoutMetadata(type: DeltaType): unknown {
  if (isStruct(type)) return { type: 'struct', fields: type.fields.map(field => [field.name, withoutMetadata(field.type), field.nullable]) }
  if (isArray(type)) return [withoutMetadata(type.elementType), type.containsNull]
  return isMap(type) ? { key: withoutMetadata(type.keyType), value: withoutMetadata(type.valueType), nulls: type.valueContainsNull } : typeof type === 'string' ? type.replace(/ collate .*/, '') : type
}
