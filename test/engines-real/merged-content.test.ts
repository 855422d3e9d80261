import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { Peer } from '../delta-peers/peer.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { ROWS_STAY } from '../rig/rows-that-stay.ts'
import { jobsOnSpark } from './jobs-on-spark.ts'

type Row = readonly [id: number, kind: string, name: string | null, amount: string | null, day: number, city?: string]

const literal = (value: string | null) => (value === null ? 'null' : `'${value}'`)
const values = (rows: readonly Row[]) => rows.map(([id, kind, name, amount, day, city]) => `(${id}, '${kind}', ${literal(name)}, ${literal(amount)}, timestamptz '2026-01-01 06:00:00.25+00' + to_days(${day}), ${literal(city ?? null)})`).join(', ')

/** The same batch in the table of each way to write that meets rows by keys. */
const assets = (rows: readonly Row[], city: boolean) => module('Asset, merge, scd2, SqlAsset, sql, Upstream', `
const columns = 'id, kind, name, amount, told_at${city ? ', city' : ''}'
@Asset({ key: 'bronze/told' })
export class Told extends SqlAsset {
  query() { return sql\`select id::integer as id, kind, name, amount::decimal(12,2) as amount, told_at${city ? ', city::varchar as city' : ''} from (values ${values(rows)}) as r(id, kind, name, amount, told_at, city)\` }
}
const told = from => sql\`select id, kind, name, amount, told_at${city ? ', city' : ''} from \${from}\`
const each = from => sql\`select id, kind, max(name) as name, max(amount) as amount, told_at${city ? ', max(city) as city' : ''} from \${from} group by id, kind, told_at\`
const last = from => sql\`select id, kind, max(name) as name, max(amount) as amount, max(told_at) as told_at${city ? ', max(city) as city' : ''} from \${from} group by id, kind\`
@Asset({ key: 'silver/merged', write: merge({ on: ['id', 'kind'], newerBy: 'told_at' }) })
export class Merged extends SqlAsset { @Upstream(() => Told) told
  query() { return told(this.told) } }
@Asset({ key: 'gold/merged', write: merge({ on: ['id', 'kind'], newerBy: 'told_at' }) })
export class Written extends SqlAsset { @Upstream(() => Told) told
  query() { return told(this.told) } }
@Asset({ key: 'silver/by_instant', write: scd2({ on: ['id', 'kind'], changedBy: 'told_at' }) })
export class ByInstant extends SqlAsset { @Upstream(() => Told) told
  query() { return each(this.told) } }
@Asset({ key: 'silver/by_value', write: scd2({ on: ['id', 'kind'], changedBy: 'told_at', compare: ['name', 'amount'], deletes: 'close' }) })
export class ByValue extends SqlAsset { @Upstream(() => Told) told
  query() { return each(this.told) } }
@Asset({ key: 'silver/seen', write: scd2({ on: ['id', 'kind'], compare: 'all', deletes: 'close' }) })
export class Seen extends SqlAsset { @Upstream(() => Told) told
  query() { return last(this.told) } }`)
const KEYS = ['silver/merged', 'gold/merged', 'silver/by_instant', 'silver/by_value', 'silver/seen']

const some = (from: number, to: number, day: number, more: (id: number) => Partial<Record<'name' | 'amount', string | null>> = () => ({})): Row[] => Array.from({ length: to - from }, (_, i) => {
  const { name = (from + i) % 4 === 0 ? null : `Ünï ${from + i}`, amount = (from + i) % 5 === 0 ? null : `${from + i}.25` } = more(from + i)
  return [from + i, (from + i) % 2 ? 'a' : 'b', name, amount, day]
})
const renamed = (name: string | null) => () => ({ name })

/** Rows of keys that are new, changed, late, corrected, told again, gone, and there again. */
const BATCHES: readonly (readonly Row[])[] = [
  some(0, 60, 5),
  // Newer, late, corrected at the same instant, equal, new; two rows of one key, and a tie between them. Of what is complete most is gone.
  [...some(0, 4, 8, renamed('newer')), ...some(4, 8, 3, renamed('late')), ...some(8, 12, 5, renamed(null)), ...some(12, 16, 5), ...some(60, 64, 8), ...some(16, 18, 7, renamed('first')), ...some(16, 18, 9, renamed('second')), ...some(18, 20, 8, renamed('tie')), ...some(18, 20, 8, renamed('tied'))],
  // In between what is known; again with no value; gone ones that come back as they were, and changed.
  [...some(0, 2, 6, renamed('between')), ...some(2, 4, 9, () => ({ name: null, amount: null })), ...some(4, 8, 3, renamed('late')), ...some(20, 24, 5), ...some(24, 28, 12, renamed('back')), ...some(60, 62, 8)].map(([id, kind, name, amount, day]): Row => [id, kind, name, amount, day, id % 3 === 0 ? 'Bern' : undefined!]),
  // A column more, of which some say nothing; what was told before is told once more.
  [...some(0, 2, 6, renamed('between')), ...some(26, 34, 14, renamed('city'))].map(([id, kind, name, amount, day]): Row => [id, kind, name, amount, day, id % 2 ? 'Basel' : undefined!]),
]

const emr = jobsOnSpark()
let deltaRs: Peer
let database: Database
let rig: ProjectRig

beforeAll(async () => {
  database = await Database.open()
  deltaRs = await Peer.start('delta-rs')
  const layers = 'tables: { layers: { silver: { profile: modern }, gold: { profile: compat } } }\n'
  rig = new ProjectRig({ 'config/there.yaml': ROWS_STAY.replace('default: emr-serverless', 'default: emr-serverless, layers: { bronze: duckdb }') + layers, 'config/here.yaml': `engines: { default: duckdb }\n${layers}` })
})
afterAll(async () => {
  deltaRs.stop()
  database.close()
  rig.remove()
})

const lake = (profile: string) => join(rig.root, `lake-${profile}`)
const sorted = (rows: readonly object[]) => rows.map(row => JSON.stringify(Object.fromEntries(Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1))))).sort()
const instant = (name: string) => `strftime(${name} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') as ${name}`
const plain = (key: string, city: boolean) => ['id::integer as id', 'kind', 'name', 'amount::varchar as amount', instant('told_at'), ...(city ? ['city'] : []), ...(key.endsWith('merged') ? [] : [instant('valid_from'), instant('valid_to'), 'is_current'])].join(', ')

async function run(profile: 'here' | 'there', turn: number): Promise<unknown> {
  const counts: Record<string, unknown> = {}
  const { steps } = await rig.run(['bronze/told', ...KEYS], { lake: lake(profile), profile, now: new Date(Date.UTC(2026, 1, 1 + turn)), listen: event => {
    if (event.type === 'step-materialized') counts[event.materialization.asset] = [event.counts, event.materialization.rows]
  } })
  return { steps: steps.map(({ asset, status, error }) => [asset, status, error?.message]), counts }
}

const readByUs = (profile: 'here' | 'there', key: string, city: boolean) => rig.with(async project => sorted((await project.query(`select ${plain(key, city)} from "${key}"`)).rows), { lake: lake(profile), profile })

let reads = 0
/** Spark's own reader of Delta, which leaves what it read as parquet. */
async function readBySpark(key: string, city: boolean): Promise<string[]> {
  const at = join(rig.root, `read-${reads += 1}`)
  const version = await rig.with(async project => (await project.history(key as never, 1))[0]!.version, { lake: lake('there'), profile: 'there' })
  writeFileSync(`${at}.json`, JSON.stringify({ name: key, inputs: [{ name: 't', location: join(lake('there'), key), version }], sql: 'select * from t', staging: at, result: `${at}.result.json` }))
  if ((await emr.spark.run(`${at}.json`)) !== 0) throw new Error(readFileSync(`${at}.result.json`, 'utf8'))
  return sorted(await database.use(connection => connection.json(`select ${plain(key, city)} from read_parquet('${at}/*.parquet')`)))
}

it('what Spark merges and enters into histories is what DuckDB makes of the same batches, as DuckDB, Spark\'s own reader and delta-rs read it', async () => {
  const marked: number[] = []
  for (const [turn, batch] of BATCHES.entries()) {
    const city = turn >= 2
    rig.write('assets/told.ts', assets(batch, city))
    const here = await run('here', turn)
    // What is there first a laptop made.
    if (turn === 0) cpSync(lake('here'), lake('there'), { recursive: true })
    else expect([turn, await run('there', turn)]).toEqual([turn, here])
    for (const key of KEYS) {
      const ours = await readByUs('here', key, city)
      expect([turn, key, await readByUs('there', key, city)]).toEqual([turn, key, ours])
      expect([turn, key, sorted((await deltaRs.read(join(lake('there'), key))).rows)]).toEqual([turn, key, ours])
      if (turn === BATCHES.length - 1) expect([turn, key, await readBySpark(key, city)]).toEqual([turn, key, ours])
    }
    marked.push(rig.filesOf('../lake-there/silver/by_instant').filter(path => path.includes('deletion_vector')).length)
  }
  // Files that had marks already were given more.
  expect(marked.at(-1)).toBeGreaterThan(1)
  expect(emr.server.jobs.size).toBe(KEYS.length * (BATCHES.length - 1))
}, 1_500_000)
