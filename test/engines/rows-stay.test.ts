import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { writeParquet } from '../../framework/duckdb/copy-to-parquet.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { EmrServer, type AskedJob } from '../engines-real/emr-server.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-stay-'))
const CONFIG = `engines: { default: emr-serverless }
emrServerless: { application: app, role: 'arn:aws:iam::123456789012:role/varve', region: eu-central-1, endpoint: '\${EMR}', rowsStay: true, poll: { first: 20ms, most: 200ms } }
`
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
    content: await sum(named.map(({ name }) => name)), base: { rows: 0, sum: '0' }, gone: { rows: 0, sum: '0' }, cuts: await Promise.all(spec.table.cuts.map(sum)), counts: spec.table.asks.map(() => 0), read: written.rows,
    rejected: { files: [], rows: 0, of: written.rows, rules: spec.table.rejects.map(() => 0) },
  }
  writeFileSync(spec.result, JSON.stringify({ version: 1, ok: true, files: written.files, milliseconds: 1, spark: '0', ...told }))
  return { code: 0 }
}

/** The same rows in the words of either engine. */
const assets = (rows: number, { amount = '1.25' } = {}) => module('append, Asset, between, expression, masked, notNull, oneOf, overwritePartition, primaryKey, rowCount, SqlAsset, sql, unique, Upstream', `
@Asset({ key: 'bronze/orders', checks: [primaryKey('id'), rowCount({ min: 1 })] })
export class Orders extends SqlAsset {
  query({ dialect }) {
    return dialect === 'spark'
      ? sql\`select cast(id as int) as id, cast(id % 7 as int) as shop, cast(id * ${amount} as decimal(18,2)) as amount, concat('Ünï ', cast(id as string)) as name, date_add(date'2026-01-01', cast(id % 5 as int)) as day, timestamp'2026-01-01 00:00:00.123456' as seen_at, cast(id as double) / 4 as part from range(${rows})\`
      : sql\`select i::integer as id, (i % 7)::integer as shop, (i * ${amount})::decimal(18,2) as amount, 'Ünï ' || i as name, date '2026-01-01' + (i % 5)::integer as day, timestamptz '2026-01-01 00:00:00.123456+00' as seen_at, i::double / 4 as part from range(${rows}) as r(i)\`
  }
}
@Asset({ key: 'silver/named', checks: [notNull('name', { onFail: 'quarantine' }), unique('id'), between('amount', { min: 0 }), oneOf('shop', [0, 1, 2, 3, 4, 5], { severity: 'warn' }), expression('parts are quarters', sql\`part * 4 >= id\`)] })
export class Named extends SqlAsset {
  @Upstream(() => Orders) orders
  query() { return sql\`select id, shop, amount, name, day, seen_at, part from \${this.orders}\` }
}
@Asset({ key: 'silver/days', write: overwritePartition({ by: ['day'] }), checks: [primaryKey(['day', 'shop'])] })
export class Days extends SqlAsset {
  @Upstream(() => Named) named
  query() { return sql\`select day, shop, sum(amount) as total from \${this.named} group by day, shop\` }
}
@Asset({ key: 'silver/log', write: append({ key: ['id'] }), checks: [primaryKey('id')] })
export class Log extends SqlAsset {
  @Upstream(() => Named) named
  query() { return sql\`select id, name, seen_at from \${this.named}\` }
}`)

beforeAll(async () => {
  database = await Database.open()
  server = await EmrServer.start({ submit: answered })
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-central-1', EMR: server.endpoint })) vi.stubEnv(name, value)
  rig = new ProjectRig({ 'config/there.yaml': CONFIG, 'config/local.yaml': 'engines: { default: duckdb }\n' })
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
    rig.write('assets/orders.ts', assets(300))
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
