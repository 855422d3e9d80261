import * as fc from 'fast-check'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evolve } from '../../framework/delta/evolve-schema.ts'
import { stageMerge } from '../../framework/delta/merge.ts'
import { stageOptimize } from '../../framework/delta/optimize.ts'
import { stageDelete, stageUpdate } from '../../framework/delta/row-changes.ts'
import { nullableField } from '../../framework/delta/schema.ts'
import type { StructType } from '../../framework/delta/schema-types.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import { append, newSchema, newTable, overwrite } from '../../framework/delta/stage.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { vacuum } from '../../framework/delta/vacuum.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { quoteIdentifier, quoteLiteral } from '../../framework/vocabulary/sql.ts'
import { committed, Rig } from '../delta/rig.ts'
import { Peer, type Told } from './peer.ts'

const rig = new Rig()
const BASE: StructType = { type: 'struct', fields: [nullableField('id', 'long'), nullableField('name', 'string'), nullableField('amount', 'decimal(10,2)'), nullableField('seen', 'timestamp')] }
const TYPES: Readonly<Record<string, string>> = { id: 'BIGINT', amount: 'DECIMAL(10,2)', seen: 'TIMESTAMPTZ' }

type Row = Readonly<Record<string, unknown>>
type Operation =
  | { readonly do: 'append' | 'merge' | 'overwrite'; readonly rows: readonly Row[]; readonly extra: readonly string[] }
  | { readonly do: 'update'; readonly where: string; readonly name: string }
  | { readonly do: 'delete'; readonly where: string }
  | { readonly do: 'optimize' | 'vacuum' | 'checkpoint' }

/** The table as the operations alone would have it. */
class Model {
  rows: Row[] = []
  extra: string[] = []
  #next = 0

  /** An operation that random numbers choose; ids are never given twice by an append. */
  choose(seed: readonly number[]): Operation {
    const [kind = 0, size = 0, pick = 0] = seed
    const fresh = (count: number) => Array.from({ length: count }, (_, i) => this.#row((this.#next += 1), i + pick))
    switch (kind % 12) {
      case 0: case 1: return { do: 'append', rows: fresh(1 + size % 20), extra: this.extra }
      case 2: case 3: case 4: {
        const known = this.rows.filter((_, i) => i % (2 + pick % 5) === 0).slice(0, size % 10).map(row => this.#row(row['id'] as number, pick + 7))
        return { do: 'merge', rows: [...known, ...fresh(1 + size % 4)], extra: this.extra }
      }
      case 5: case 6: return { do: 'update', where: `id % ${3 + pick % 7} = ${pick % 3}`, name: `updated ${pick}` }
      case 7: return { do: 'delete', where: `id % ${5 + pick % 7} = ${pick % 5}` }
      case 8: return this.extra.length < 3 ? { do: 'append', rows: fresh(2).map((row, i) => Object.assign({}, row, { [`extra_${this.extra.length + 1}`]: `e${i}` })), extra: [...this.extra, `extra_${this.extra.length + 1}`] } : { do: 'optimize' }
      case 9: return size % 3 === 0 ? { do: 'overwrite', rows: fresh(1 + size % 30), extra: this.extra } : { do: 'checkpoint' }
      case 10: return { do: 'optimize' }
      default: return { do: pick % 2 === 0 ? 'vacuum' : 'checkpoint' }
    }
  }

  apply(operation: Operation): void {
    const met = (where: string) => {
      const [divisor = 1, remainder] = [...where.matchAll(/\d+/g)].map(Number)
      return (row: Row) => (row['id'] as number) % divisor === remainder
    }
    switch (operation.do) {
      case 'append': this.#put([...this.rows, ...operation.rows], operation.extra); break
      case 'overwrite': this.#put(operation.rows, operation.extra); break
      case 'merge': {
        const ids = new Set(operation.rows.map(row => row['id']))
        this.#put([...this.rows.filter(row => !ids.has(row['id'])), ...operation.rows], operation.extra)
        break
      }
      case 'update': this.rows = this.rows.map(row => (met(operation.where)(row) ? Object.assign({}, row, { name: operation.name }) : row)); break
      case 'delete': this.rows = this.rows.filter(row => !met(operation.where)(row)); break
      case 'optimize': case 'vacuum': case 'checkpoint': break
    }
  }

  told(): readonly Row[] {
    const names = [...BASE.fields.map(field => field.name), ...this.extra]
    return inOrder(this.rows.map(row => Object.fromEntries(names.map(name => [name, row[name] ?? null]))))
  }

  #put(rows: readonly Row[], extra: readonly string[]): void {
    this.rows = [...rows]
    this.extra = [...extra]
  }

  #row(id: number, salt: number): Row {
    const seen = new Date(Date.UTC(2026, salt % 12, 1 + id % 28, id % 24, salt % 60, 7, salt % 1000)).toISOString().replace('Z', `${String(id % 1000).padStart(3, '0')}Z`)
    return Object.assign({ id, name: salt % 5 === 0 ? null : `näme ${id}/${salt}`, amount: (((id * 37 + salt) % 100_000) / 100).toFixed(2), seen }, Object.fromEntries(this.extra.map(name => [name, `${name} ${salt}`])))
  }
}

const text = (row: Row) => JSON.stringify(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
const inOrder = (rows: readonly Row[]): readonly Row[] => rows.map(text).sort().map(line => JSON.parse(line) as Row)

function rowsSql(rows: readonly Row[], extra: readonly string[]): string {
  const names = [...BASE.fields.map(field => field.name), ...extra]
  return rows.map(row => `select ${names.map(name => `${row[name] === null || row[name] === undefined ? 'null' : quoteLiteral(String(row[name]))}::${TYPES[name] ?? 'VARCHAR'} as ${quoteIdentifier(name)}`).join(', ')}`).join(' union all ')
}

/** The operation by our own engine. */
async function byUs(root: string, operation: Operation): Promise<void> {
  const table = rig.table(root)
  const base = await table.snapshot()
  const commit = async (change: TableChange) => {
    const outcome = await table.commit(change, base, { operation: operation.do.toUpperCase() })
    if (outcome.status === 'conflict') committed(outcome)
  }
  const wider = (extra: readonly string[]) => evolve(base.schema, { type: 'struct', fields: [...BASE.fields, ...extra.map(name => nullableField(name, 'string'))] }, 'add')
  const target = (extra: readonly string[]): Snapshot => base.with({ adds: [], removes: [], ...newSchema(base, wider(extra)), reads: { kind: 'nothing' }, metrics: {} })
  await rig.database.use(async (connection: Connection) => {
    switch (operation.do) {
      case 'append': {
        const next = target(operation.extra)
        return commit(append(base, await writeDataFiles(connection, rowsSql(operation.rows, operation.extra), next), next.schema))
      }
      case 'overwrite': return commit(overwrite(base, await writeDataFiles(connection, rowsSql(operation.rows, operation.extra), base)))
      case 'merge': return commit((await stageMerge(connection, base, rowsSql(operation.rows, operation.extra), { on: ['id'], schema: wider(operation.extra) })).change)
      case 'update': return commit((await stageUpdate(connection, base, { name: quoteLiteral(operation.name) }, operation.where)).change)
      case 'delete': return commit((await stageDelete(connection, base, operation.where)).change)
      case 'optimize': return commit((await stageOptimize(connection, base)).change)
      case 'vacuum': return void await vacuum(base)
      case 'checkpoint': return void await table.checkpoint()
    }
  })
}

async function readByUs(root: string): Promise<Told> {
  const snapshot = await rig.table(root).snapshot()
  const rows = await rig.database.use(async c => c.rows<Row>(
    `select * replace (strftime(seen, '%Y-%m-%dT%H:%M:%S.%fZ') as seen, id::integer as id) from (${await snapshot.scanSql()})`))
  return { version: snapshot.version, schema: snapshot.schema.fields.map(field => [field.name, field.type] as const), rows: inOrder(rows) }
}

/** A hundred where all of it meets and where nothing does; fewer where the kinds of tables stand apart. */
const RUNS = [
  { name: 'plain', operations: 100, properties: {} },
  { name: 'with deletion vectors', operations: 40, properties: { 'delta.enableDeletionVectors': 'true' } },
  { name: 'with column mapping', operations: 40, properties: { 'delta.columnMapping.mode': 'name' } },
  { name: 'with both of them', operations: 100, properties: { 'delta.enableDeletionVectors': 'true', 'delta.columnMapping.mode': 'name' } },
] as const
const OPERATIONS = process.env['VARVE_PEER_OPERATIONS']
const SEED = Number(process.env['VARVE_PEER_SEED'] ?? 2026)

describe('Spark, delta-rs and we write one table in turns', () => {
  let spark: Peer
  let deltaRs: Peer
  beforeAll(async () => { [spark, deltaRs] = await Promise.all([Peer.start('spark'), Peer.start('delta-rs')]) })
  afterAll(() => { for (const peer of [spark, deltaRs]) peer?.stop() })

  it.each(RUNS)('$name: after each of the operations all three read the same', async ({ name, operations, properties }) => {
    const root = join(rig.folder, name.replaceAll(' ', '-'))
    const model = new Model()
    const seeds = fc.sample(fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }), { numRuns: Number(OPERATIONS ?? operations), seed: SEED })
    const history: string[] = []
    const refusals: string[] = []
    await begin(root, properties, name.length % 2 === 0)
    for (const [step, seed] of seeds.entries()) {
      const operation = model.choose(seed)
      const who = (['us', 'spark', 'delta-rs'] as const)[(step + seed[3]!) % 3]!
      const does = `${step}. ${operation.do} by ${who}`
      if (who === 'us') await byUs(root, operation)
      else if (who === 'spark') await spark.ask({ path: root, ...operation })
      else {
        // delta-rs does not write every feature; what it refuses, we do instead, so that the turn is not lost.
        const refused = await deltaRs.ask({ path: root, ...operation }).then(() => undefined, (error: Error) => error.message)
        if (refused !== undefined) {
          if (Object.keys(properties).length === 0) throw new Error(refused)
          refusals.push(`${operation.do}: ${refused.slice(0, 160)}`)
          await byUs(root, operation)
        }
      }
      model.apply(operation)
      history.push(does)
      const [ours, ...theirs] = await Promise.all([readByUs(root), spark.read(root), deltaRs.read(root)])
      const wanted = { rows: model.told(), history }
      expect({ rows: ours.rows, history }).toEqual(wanted)
      for (const told of theirs) {
        expect({ rows: inOrder(told.rows), history }).toEqual(wanted)
        expect([told.version, told.schema, history]).toEqual([ours.version, ours.schema, history])
      }
    }
    if (refusals.length > 0) process.stdout.write(`${name}: delta-rs refused ${refusals.length} of its turns: ${[...new Set(refusals)].join(' | ')}\n`)
  })

  async function begin(root: string, properties: Readonly<Record<string, string>>, bySpark: boolean): Promise<void> {
    if (bySpark) {
      await spark.ask({ do: 'create', path: root, properties })
      return
    }
    const profile = 'delta.enableDeletionVectors' in properties ? 'modern' : 'compat'
    committed(await rig.table(root).commit(newTable({ schema: BASE, profile, properties, files: [] }), undefined, { operation: 'CREATE TABLE' }))
  }
})
