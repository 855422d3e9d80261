import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { costOf } from '../../framework/engines/athena-cost.ts'
import { AthenaJobs } from '../../framework/engines/athena-engine.ts'
import type { QueryFailed } from '../../framework/engines/athena-errors.ts'
import { glueNameOf, type AthenaSettings } from '../../framework/engines/athena-settings.ts'
import { sharedFiles } from '../../framework/engines/job-files.ts'
import { JobRecords } from '../../framework/engines/job-record.ts'
import type { RemoteJob } from '../../framework/engines/remote-job.ts'
import { systemClock } from '../../framework/vocabulary/clock.ts'
import { AthenaServer, RetryableFailure, type AthenaServerOptions, type Execute } from '../rig/athena-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { Gate, until } from '../rig/gate.ts'
import { watchOn } from './engines-on-trial.ts'

let database: Database
let folder: string
let server: AthenaServer
let said: string[]
let newest: () => number

beforeAll(async () => {
  database = await Database.open()
})

afterAll(() => database.close())

beforeEach(() => {
  Object.assign(process.env, AWS_FOR_TESTS)
  folder = mkdtempSync(join(tmpdir(), 'varve-athena-'))
  said = []
  newest = () => 3
})

afterEach(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const placeIn = (sql: string): string => /\nTO '([^']+)'/.exec(sql)![1]!

/** A query that leaves one file, which has no ending in its name, as Athena's have none. */
const leaves = (rows = 'select 1::integer as id'): Execute => async sql => {
  const to = placeIn(sql)
  mkdirSync(to, { recursive: true })
  const file = `${to}20261127_000000_00001_abcde_part`
  await database.use(connection => connection.run(`copy (${rows}) to '${file}' (format parquet)`))
  return { files: [file], scanned: 25 * 1024 ** 2 }
}

const start = async (options: AthenaServerOptions) => void (server = await AthenaServer.start(options))
const settings = (more: Partial<AthenaSettings> = {}): AthenaSettings => ({ workgroup: 'primary', database: 'lake', catalog: 'AwsDataCatalog', output: join(folder, 'results'), region: 'eu-central-1', endpoint: server.endpoint, glueEndpoint: server.endpoint, timeoutMinutes: 5, instants: 'refuse', poll: { first: 10, most: 40 }, ...more })
const records = () => new JobRecords(join(folder, 'jobs'), sharedFiles)
const engine = (more?: Partial<AthenaSettings>) => new AthenaJobs(settings(more), { files: sharedFiles, records: records(), watch: watchOn(folder), clock: systemClock, database, newestVersion: async () => newest() })
const job = (name = 'a', sql = 'select 1 as id', more: Partial<RemoteJob> = {}): RemoteJob => ({ subject: 'silver/x', work: { kind: 'query', sql }, inputs: [{ name: 'bronze/x', location: '/lake/bronze/x', version: 3, columns: [{ name: 'id', type: 'INTEGER' }, { name: 'Name', type: 'VARCHAR' }] }], columns: [{ name: 'id', type: 'INTEGER' }], folder: join(folder, 'table/_staging', name), say: message => void said.push(message), ...more })
const never = () => new AbortController().signal
const states = () => [...server.queries.values()].map(({ state }) => state)
const failing = (work: Promise<unknown>) => work.then(() => undefined, error => error as QueryFailed)

describe('a query in Athena', () => {
  it('is asked for as an UNLOAD over the tables of Glue, with a token, and answers with its files, times and cost', async () => {
    await start({ execute: leaves() })
    const answer = await engine({ price: { perTerabyte: 5, currency: 'USD' } }).run(job(), never())
    const { asked } = [...server.queries.values()][0]!
    expect(answer.files).toEqual([join(folder, 'table/_staging/a/20261127_000000_00001_abcde_part')])
    expect(answer.facts).toMatchObject({ engine: 'athena', bytesScanned: 25 * 1024 ** 2, cost: { status: 'billed', amount: 0.00011921, currency: 'USD' } })
    expect(asked).toMatchObject({ ClientRequestToken: expect.stringMatching(/^varve-[0-9a-f]{48}$/), WorkGroup: 'primary', QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'lake' }, ResultConfiguration: { OutputLocation: join(folder, 'results') } })
    expect(asked.QueryString).toBe(`UNLOAD (
WITH "bronze/x" AS (SELECT "id" AS "id", "Name" AS "Name" FROM "AwsDataCatalog"."lake"."bronze_x")
SELECT CAST("id" AS integer) AS "id"
FROM (
select 1 as id
) AS made
WHERE CASE WHEN regexp_like(typeof("id"), '^(tinyint|smallint|integer|bigint|decimal\\(\\d+,0\\))$') THEN true ELSE CAST('varve columns: ' || 'id ' || typeof("id") || ';' AS boolean) END
)
TO '${join(folder, 'table/_staging/a')}/'
WITH (format = 'PARQUET', compression = 'ZSTD')`)
    expect(server.databases.get('lake')!.get('bronze_x')).toMatchObject({ TableType: 'EXTERNAL_TABLE', Parameters: { table_type: 'DELTA' }, StorageDescriptor: { Location: '/lake/bronze/x/', Columns: [{ Name: 'id', Type: 'int' }, { Name: 'name', Type: 'string' }] } })
  })

  it('tells Athena\'s reason when it fails, is another query when it is tried again, and may be tried again where Athena says so', async () => {
    await start({ execute: async (sql, signal) => {
      if (server.queries.size === 1) throw new Error('DIVISION_BY_ZERO: Division by zero')
      if (server.queries.size === 2) throw new RetryableFailure('Query exhausted resources at this scale factor')
      return leaves()(sql, signal)
    } })
    const [first, second] = [await failing(engine().run(job('a'), never())), await failing(engine().run(job('b'), never()))]
    await engine().run(job('c'), never())
    expect(first!.message).toMatch(/^athena job [0-9a-f-]{36} ended as FAILED: DIVISION_BY_ZERO: Division by zero$/)
    expect([first!.transient, second!.transient, second!.hint]).toEqual([false, true, 'Athena says that another try may go well: run it again.'])
    expect(new Set([...server.queries.values()].map(({ asked }) => asked.ClientRequestToken)).size).toBe(3)
  })

  it('is stopped after its time, and once it has scanned more than it may, and says which setting that was', async () => {
    const gate = new Gate()
    gate.hold()
    await start({ execute: async (sql, signal) => ((await gate.passed(signal)) ? leaves()(sql, signal) : {}) })
    const late = await failing(engine({ timeoutMinutes: 0.001 }).run(job('a'), never()))
    const much = failing(engine({ maxBytes: 1000 }).run(job('b'), never()))
    await until(() => states()[1] === 'RUNNING')
    ;[...server.queries.values()][1]!.scanned = 2000
    expect([late!.state, late!.hint]).toEqual(['CANCELLED', expect.stringContaining('athena.timeoutMinutes')])
    expect((await much)!.message).toMatch(/ended as CANCELLED: it had scanned 2000 bytes, and athena\.maxBytes is 1000$/)
  })

  it('is refused where an input is not at the version that the plan pinned, before it is asked for or once it has ended', async () => {
    await start({ execute: async (sql, signal) => {
      newest = () => 4
      return leaves()(sql, signal)
    } })
    await expect(engine().run(job('a'), never())).rejects.toMatchObject({ code: 'engines/version-moved', message: 'silver/x is to read version 3 of bronze/x, and its newest is 4: Athena can read the newest version only.' })
    await expect(engine().run(job('b', 'select 2 as id'), never())).rejects.toMatchObject({ code: 'engines/version-moved' })
    expect(server.queries.size).toBe(1)
  })

  it('refuses instants where nothing is said of them, since Athena cuts them, and has them looked at where something is', async () => {
    await start({ execute: leaves(`select timestamp '2026-03-01 06:00:00.123' as at, 'x' as "Name"`) })
    const instants: Partial<RemoteJob> = { columns: [{ name: 'at', type: 'TIMESTAMP WITH TIME ZONE' }, { name: 'Name', type: 'VARCHAR' }] }
    await expect(engine().run(job('a', 'select at from x', instants), never())).rejects.toMatchObject({ code: 'engines/instants-by-millisecond' })
    const { files } = await engine({ instants: 'milliseconds' }).run(job('b', 'select at from x', instants), never())
    const text = [...server.queries.values()][0]!.asked.QueryString
    expect(text).toContain('SELECT CAST("at" AT TIME ZONE \'UTC\' AS timestamp(3)) AS "at"')
    expect(text).toContain('CASE WHEN "at" IS NULL OR date_trunc(\'millisecond\', "at") = "at" THEN true ELSE CAST(\'varve microseconds: at;\' AS boolean) END')
    // Hive's timestamps have no zone: laid out anew, they are Delta's instants.
    expect(await database.use(connection => connection.describe(`from read_parquet('${files[0]!}')`))).toMatchObject([{ name: 'at', type: 'TIMESTAMP WITH TIME ZONE' }, { name: 'Name', type: 'VARCHAR' }])
    expect(await database.use(connection => connection.json(`select strftime("at", '%Y-%m-%d %H:%M:%S.%g') as told, "Name" from read_parquet('${files[0]!}')`))).toEqual([{ told: '2026-03-01 06:00:00.123', Name: 'x' }])
    expect(said.at(-1)).toContain('laid out anew here')
  })

  it('says which columns are of another type, or finer than milliseconds', async () => {
    await start({ execute: async () => {
      throw new Error(server.queries.size === 1 ? 'INVALID_CAST_ARGUMENT: Cannot cast \'varve columns: id decimal(10,2);\' to boolean' : 'INVALID_CAST_ARGUMENT: Cannot cast \'varve microseconds: at;\' to boolean')
    } })
    await expect(engine().run(job('a'), never())).rejects.toMatchObject({ code: 'engines/wrong-columns', message: expect.stringContaining('id decimal(10,2) instead of id INTEGER') })
    await expect(engine().run(job('b'), never())).rejects.toMatchObject({ code: 'engines/finer-than-milliseconds' })
  })

  it('reads landed files by a table of their own, which goes with the query', async () => {
    const parquet = [join(folder, 'in/data.parquet')]
    await start({ execute: async (sql, signal) => {
      expect([...server.databases.get('lake')!].map(([name, table]) => [name.startsWith('varve_'), (table['StorageDescriptor'] as { Location: string }).Location])).toEqual([[true, `${join(folder, 'in')}/`]])
      return leaves()(sql, signal)
    } })
    await engine().run(job('a', 'select 1 as id', { inputs: [{ name: 'landing/x', put: async () => parquet, columns: [{ name: 'id', type: 'INTEGER' }] }] }), never())
    expect([states(), server.databases.get('lake')!.size]).toEqual([['SUCCEEDED'], 0])
  })

  it('updates Glue where the schema changed, and lets nothing of other places be overwritten', async () => {
    await start({ execute: leaves() })
    await engine().run(job('a'), never())
    const wider: Partial<RemoteJob> = { inputs: [{ name: 'bronze/x', location: '/lake/bronze/x', version: 3, columns: [{ name: 'id', type: 'BIGINT' }, { name: 'tags', type: 'VARCHAR[]' }] }] }
    await engine().run(job('b', 'select 1 as id', wider), never())
    expect(server.databases.get('lake')!.get('bronze_x')).toMatchObject({ StorageDescriptor: { Columns: [{ Name: 'id', Type: 'bigint' }, { Name: 'tags', Type: 'array<string>' }] } })
    await engine().run(job('c', 'select 3 as id', wider), never())
    expect([server.count('CreateTable'), server.count('UpdateTable'), server.count('CreateDatabase')]).toEqual([2, 1, 1])
    const elsewhere: Partial<RemoteJob> = { inputs: [{ name: 'bronze/x', location: '/other/bronze/x', version: 3, columns: [] }] }
    await expect(engine().run(job('d', 'select 1 as id', elsewhere), never())).rejects.toMatchObject({ code: 'engines/glue-name-taken' })
  })

  it('has Athena encrypt with the lake\'s key what it writes there', async () => {
    await start({ execute: leaves() })
    await engine({ kmsKey: 'arn:aws:kms:eu-central-1:1:key/k' }).run(job(), never())
    expect([...server.queries.values()][0]!.asked.ResultConfiguration).toEqual({ OutputLocation: join(folder, 'results'), EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: 'arn:aws:kms:eu-central-1:1:key/k' } })
  })

  it('runs no scripts', async () => {
    await start({ execute: leaves() })
    await expect(engine().run(job('a', '', { work: { kind: 'script', script: { name: 'x', text: '', inputs: {}, parameters: {}, columns: {} } } }), never())).rejects.toMatchObject({ code: 'engines/no-scripts' })
  })
})

describe('what a query costs', () => {
  const price = { perTerabyte: 5, currency: 'USD' }
  it('goes by whole megabytes, at least ten of them', () => {
    expect([0, 1, 10 * 1024 ** 2 + 1, 1024 ** 4].map(bytes => costOf(bytes, price))).toEqual([0.00004768, 0.00004768, 0.00005245, 5].map(amount => ({ status: 'billed', amount, currency: 'USD' })))
    expect([costOf(undefined, price), costOf(5, undefined)]).toEqual([{ status: 'pending' }, { status: 'unpriced' }])
  })
})

describe('the name of a table in Glue', () => {
  it('has the layer in it, or is in the layer\'s database', () => {
    expect([glueNameOf('silver/Orders', 'lake'), glueNameOf('silver/orders', 'lake_{layer}')]).toEqual([{ database: 'lake', table: 'silver_orders' }, { database: 'lake_silver', table: 'orders' }])
  })
})
