import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { describeFiles } from '../../framework/engines/staged-files.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { jars, python } from '../delta-peers/setup-peers.ts'
import { runner } from './warm-spark.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-runner-'))
const rig = new ProjectRig()
let database: Database

const numbers = (to: number) => rig.write('assets/silver/numbers.ts', module('Asset, SqlAsset, sql', `
@Asset({ key: 'silver/numbers' })
export class Numbers extends SqlAsset {
  query() {
    return sql\`select i::integer as id, (i * 1.25)::decimal(18,2) as amount, 'n' || i as name, date '2026-01-01' + i::integer as day, timestamptz '2026-01-01 00:00:00+00' as at from range(${to}) as r(i)\`
  }
}`))

beforeAll(async () => {
  database = await Database.open()
  numbers(3)
  await rig.run()
  numbers(10)
  await rig.run()
})

afterAll(() => {
  database.close()
  rig.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a Spark for one job, as EMR Serverless does. */
function submit(name: string, spec: Readonly<Record<string, unknown>>): { readonly code: number | null; readonly result: { readonly ok: boolean; readonly code?: string; readonly error?: string; readonly files: readonly { readonly path: string }[]; readonly counts: unknown } } {
  const result = join(folder, `${name}.result.json`)
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ version: 1, name, staging: join(folder, name), result, ...spec }))
  const { status } = spawnSync(join(dirname(python), 'spark-submit'), ['--master', 'local[1]', '--jars', jars.join(','), '--conf', 'spark.ui.enabled=false', '--conf', 'spark.sql.shuffle.partitions=1', runner, join(folder, `${name}.json`)], { cwd: folder, stdio: 'ignore', env: { ...process.env, PYSPARK_PYTHON: python, SPARK_HOME: execFileSync(python, ['-c', 'import pyspark,os;print(os.path.dirname(pyspark.__file__))'], { encoding: 'utf8' }).trim() } })
  return { code: status, result: JSON.parse(readFileSync(result, 'utf8')) as never }
}

const table = () => join(rig.lake, 'silver/numbers')
const COLUMNS = [{ name: 'id', type: 'int' }, { name: 'amount', type: 'decimal(18,2)' }, { name: 'name', type: 'string' }, { name: 'day', type: 'date' }, { name: 'at', type: 'timestamp' }]

describe('the runner, by spark-submit', () => {
  it('reads a Delta table at the version that is pinned, counts, and leaves files whose footers tell what DuckDB\'s would', async () => {
    const { code, result } = submit('query', { inputs: [{ name: 'silver/numbers', location: table(), version: 0 }], sql: 'select * from `silver/numbers`', columns: COLUMNS, coalesce: 1, counts: { 'an even id': 'select 1 from `varve made` where id % 2 = 0' } })
    expect([code, result.ok, result.counts]).toEqual([0, true, { 'an even id': 2 }])
    const paths = result.files.map(({ path }) => path.replace(/^file:/, ''))
    const described = await describeFiles(database, paths)
    expect(described.map(({ rows, columnStats }) => ({ rows, columnStats }))).toEqual([{ rows: 3, columnStats: {
      '"id"': { null_count: '0', min: '0', max: '2' },
      '"amount"': { null_count: '0', min: '0.00', max: '2.50' },
      '"name"': { null_count: '0', min: 'n0', max: 'n2' },
      '"day"': { null_count: '0', min: '2026-01-01', max: '2026-01-03' },
      '"at"': { null_count: '0', min: expect.stringMatching(/^2026-01-01 00:00:00/), max: expect.stringMatching(/^2026-01-01 00:00:00/) },
    } }])
    const snapshot = await new DeltaTable(table(), new LocalLogStore(table()), database).snapshot({ version: 0 })
    const scan = await snapshot.scanSql()
    expect(await database.use(connection => connection.json(`from (${scan}) except all from read_parquet([${paths.map(path => `'${path}'`).join(', ')}])`))).toEqual([])
  })

  it('says which column is of which type where it is not as promised, and leaves with a failure', () => {
    const { code, result } = submit('wrong', { attempt: 'the second', inputs: [], sql: 'select 1.5 as id', columns: [{ name: 'id', type: 'int' }] })
    expect([code, result]).toEqual([1, { version: 1, attempt: 'the second', ok: false, code: 'wrong-columns', error: 'column id is of type decimal(2,1), expected int' }])
  })
})
