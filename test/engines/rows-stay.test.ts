import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { writeParquet } from '../../framework/duckdb/copy-to-parquet.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { EmrServer, type AskedJob } from '../engines-real/emr-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { ROWS_STAY, rowsThatStay } from '../rig/rows-that-stay.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-stay-'))
let database: Database
let server: EmrServer
let rig: ProjectRig

interface Spec {
  readonly name: string
  readonly columns: readonly { readonly name: string }[]
  readonly staging: string
  readonly result: string
  readonly table?: { readonly folder: string; readonly partitionBy: readonly string[]; readonly columns: readonly { readonly name: string }[]; readonly cuts: readonly (readonly string[])[]; readonly asks: readonly unknown[]; readonly rejects: readonly unknown[] }
}

/** Stands in for Spark: the rows are those that DuckDB made in the other lake, and break no promise. */
async function answered({ jobDriver }: AskedJob): Promise<{ readonly code: number }> {
  const spec = JSON.parse(readFileSync(jobDriver.sparkSubmit.entryPointArguments[0]!, 'utf8')) as Spec
  const root = join(folder, 'here', spec.name)
  const snapshot = await new DeltaTable(root, new LocalLogStore(root), database).snapshot()
  const held = new Set(snapshot.schema.fields.map(({ name }) => name))
  const { columns: named, folder: to, partitionBy } = spec.table ?? { columns: spec.columns, folder: spec.staging, partitionBy: [] }
  const columns = named.map(({ name }) => (held.has(name) ? `"${name}"` : `null::varchar as "${name}"`)).join(', ')
  const current = held.has('is_current') ? ' where is_current' : ''
  const rows = `select ${columns} from (${await snapshot.scanSql()})${current}`
  const written = await database.use(connection => writeParquet(connection, rows, to, { partitionBy }))
  const sum = async (names: readonly string[]) => (await database.use(connection => connection.json<{ rows: number; sum: string }>(`select count(*)::int as rows, coalesce(sum(hash(${names.map(name => `"${name}"`).join(', ')})::hugeint), 0)::varchar as sum from (${rows})`)))[0]!
  const told = spec.table && {
    content: await sum(named.map(({ name }) => name)), base: { rows: 0, sum: '0' }, gone: { rows: 0, sum: '0' }, cuts: await Promise.all(spec.table.cuts.map(sum)), answers: spec.table.asks.map(() => ({ number: 0, few: null })), read: written.rows,
    rejected: { files: [], rows: 0, of: written.rows, rules: spec.table.rejects.map(() => 0) },
  }
  writeFileSync(spec.result, JSON.stringify({ version: 1, ok: true, files: written.files, milliseconds: 1, spark: '0', ...told }))
  return { code: 0 }
}

beforeAll(async () => {
  database = await Database.open()
  server = await EmrServer.start({ submit: answered })
  for (const [name, value] of Object.entries({ ...AWS_FOR_TESTS, EMR: server.endpoint })) vi.stubEnv(name, value)
  rig = new ProjectRig({ 'config/there.yaml': ROWS_STAY, 'config/local.yaml': 'engines: { default: duckdb }\n' })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  database.close()
  rig.remove()
  rmSync(folder, { recursive: true, force: true })
})

const KEYS = ['bronze/orders', 'silver/named', 'silver/days', 'silver/log']
const tables = (lake: string) => rig.with(project => Promise.all(KEYS.map(async key => (await project.query(`select * from "${key}" order by all`)).rows)), { lake })
const made = (lake: string) => rig.with(project => Promise.all(KEYS.map(async key => (await project.history(key as never, 1))[0]!.dataVersion!.slice(0, 4))), { lake })

describe('rows that jobs make', () => {
  it('stay in the files as the job left them, and go by the sum that it tells; a change of engine alone makes no version', async () => {
    rig.write('assets/orders.ts', rowsThatStay(300))
    const [here, there] = [join(folder, 'here'), join(folder, 'there')]
    expect((await rig.run([], { lake: here })).ok).toBe(true)
    const said: string[] = []
    const { steps } = await rig.run([], { lake: there, profile: 'there', listen: event => void (event.type === 'log' && /come here|held here/.test(event.message) && said.push(event.message)) })
    expect(Object.fromEntries(steps.map(({ asset, status, error }) => [asset, error?.message ?? status]))).toEqual(Object.fromEntries(KEYS.map(key => [key, 'materialized'])))
    expect([await tables(there), await made(there), said]).toEqual([await tables(here), KEYS.map(() => 'sx1:'), []])
    // DuckDB sums once more what Spark had made, finds the same, and leaves the version as it is.
    const versions = () => rig.with(project => Promise.all(KEYS.map(async key => (await project.history(key as never, 1))[0]!.version)), { lake: there })
    const before = await versions()
    await rig.run(['silver/named'], { lake: there, force: true })
    expect([await versions(), await made(there)]).toEqual([before, KEYS.map(() => 'sx1:')])
  })
})
