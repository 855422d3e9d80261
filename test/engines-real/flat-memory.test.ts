import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refuseStaleBuild } from '../e2e/cli-rig.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { ROWS_STAY } from '../rig/rows-that-stay.ts'
import { EmrServer } from './emr-server.ts'
import { WarmSpark } from './warm-spark.ts'

const FEW = 50_000
const MANY = 10 * FEW
/** Whether somebody wants to know the figures, and what they are where the rows come here. */
const IS_TOLD = process.env['VARVE_TELL'] !== undefined
let server: EmrServer
let spark: WarmSpark
let rig: ProjectRig

beforeAll(async () => {
  refuseStaleBuild()
  spark = new WarmSpark()
  server = await EmrServer.start({ submit: job => spark.submit(job) })
  const layers = 'tables: { layers: { silver: { profile: modern } } }\n'
  rig = new ProjectRig({ 'config/stays.yaml': ROWS_STAY + layers, 'config/comes.yaml': ROWS_STAY.replace('rowsStay: true', 'rowsStay: false') + layers })
})
afterAll(async () => {
  spark.close()
  await server.stop()
  rig.remove()
})

/** So many people, of whom a tenth have something new each day. */
const people = (rows: number, day: number) => module('Asset, merge, notNull, primaryKey, SqlAsset, sql, Upstream', `
@Asset({ key: 'bronze/told', checks: [primaryKey('id')] })
export class Told extends SqlAsset {
  query({ dialect }) {
    return dialect === 'spark'
      ? sql\`select id, concat('name ', cast(id as string)) as name, md5(cast(id as string)) as digest, cast(case when id % 10 = 0 then ${day} else 0 end as int) as seen from range(${rows})\`
      : sql\`select i as id, 'name ' || i as name, md5(i::varchar) as digest, (case when i % 10 = 0 then ${day} else 0 end)::integer as seen from range(${rows}) as r(i)\`
  }
}
@Asset({ key: 'silver/people', write: merge({ on: ['id'], newerBy: 'seen' }), checks: [primaryKey('id'), notNull('name', { onFail: 'quarantine' })] })
export class People extends SqlAsset {
  @Upstream(() => Told) told
  query() { return sql\`select id, name, digest, seen from \${this.told}\` }
}`)

/** The most memory of a command's process, in MB. */
async function memoryOf(words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--require', resolve('test/bench/tell-usage.cjs'), resolve('dist/cli/varve.cjs'), ...words], { cwd: rig.root, env: { ...process.env, ...AWS_FOR_TESTS, EMR: server.endpoint }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  const told = ['', '', '']
  for (const [i, stream] of child.stdio.slice(1).entries()) stream!.on('data', part => (told[i] += String(part)))
  const code = await new Promise(done => child.once('close', done))
  expect([code, `${told[0]}${told[1]}`]).toEqual([0, expect.any(String)])
  return (JSON.parse(told[2]!) as { memory: number }).memory / 1e6
}

/** The most memory that each step's process took: a table made, merged into an empty one, made anew, merged into what is there. */
async function peaks(profile: 'stays' | 'comes', rows: number): Promise<Readonly<Record<string, number>>> {
  const lake = join(rig.root, `lake-${profile}-${rows}`)
  const found: Record<string, number> = {}
  for (const day of [1, 2]) {
    rig.write('assets/people.ts', people(rows, day))
    // The bundler's memory is not what is asked about.
    await memoryOf(['list', '--profile', profile])
    for (const asset of ['bronze/told', 'silver/people']) found[`${asset} ${day}`] = await memoryOf(['materialize', asset, '--profile', profile, '--lake', lake])
  }
  const [counted] = (await rig.with(project => project.query('select count(*)::int as rows, count(distinct digest)::int as digests, count(*) filter (seen = 2)::int as told from silver.people'), { lake })).rows
  expect(counted).toEqual({ rows, digests: rows, told: rows / 10 })
  return found
}

describe('an orchestrator whose rows stay where they are made', () => {
  it('needs no more memory for ten times the rows, which are overwritten and merged', async () => {
    const few = await peaks('stays', FEW)
    const many = await peaks('stays', MANY)
    if (IS_TOLD) console.log('rows stay', few, many)
    for (const [step, memory] of Object.entries(many)) expect([step, memory / few[step]!]).toEqual([step, expect.toSatisfy((times: number) => times <= 1.2)])
    if (IS_TOLD) console.log('rows come', await peaks('comes', FEW), await peaks('comes', MANY))
  }, 1_800_000)
})
