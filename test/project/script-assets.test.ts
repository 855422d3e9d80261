import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { EmrServer } from '../engines-real/emr-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { CONFIG, SCRIPT, SESSIONS } from '../rig/sessions.ts'

interface Asked {
  readonly name: string
  readonly inputs: readonly { readonly name: string; readonly version: number }[]
  readonly script: { readonly name: string; readonly text: string; readonly inputs: object; readonly parameters: object }
  readonly columns: object
  readonly staging: string
  readonly result: string
}

let server: EmrServer
let rig: ProjectRig
let asked: Asked[]
beforeEach(async () => {
  Object.assign(process.env, AWS_FOR_TESTS)
  asked = []
  // Stands in for Spark: it leaves a row for each job, as the script might.
  server = await EmrServer.start({ submit: async ({ jobDriver }) => {
    const spec = JSON.parse(readFileSync(jobDriver.sparkSubmit.entryPointArguments[0]!, 'utf8')) as Asked
    asked.push(spec)
    const database = await Database.open()
    await database.use(connection => connection.run(`copy (select 'ann' as person, ${asked.length}::integer as session, timestamptz '2026-01-01 10:00:00+00' as began, 2::bigint as visits) to '${spec.staging}' (format parquet, per_thread_output)`))
    const [file] = await database.use(connection => connection.json<{ file: string }>(`select file from glob('${spec.staging}/*.parquet')`))
    database.close()
    writeFileSync(spec.result, JSON.stringify({ version: 1, ok: true, files: [{ path: file!.file, bytes: 0 }], milliseconds: 1, spark: '0' }))
    return { code: 0 }
  } })
  rig = new ProjectRig({ 'assets/silver/sessions.ts': SESSIONS, 'assets/silver/sessions.py': SCRIPT, 'config/local.yaml': CONFIG(server.endpoint) })
})
afterEach(async () => {
  rig.remove()
  await server.stop()
})

it('an asset that a script makes is asked for with the script, its inputs as they are pinned, and its parameters', async () => {
  expect(await rig.endings()).toEqual({ 'bronze/visits': 'materialized', 'silver/sessions': 'materialized' })
  expect(asked).toMatchObject([{
    name: 'silver/sessions', inputs: [{ name: 'bronze/visits', version: 0 }], columns: [{ name: 'person', type: 'string' }, { name: 'session', type: 'int' }, { name: 'began', type: 'timestamp' }, { name: 'visits', type: 'bigint' }],
    script: { name: 'assets/silver/sessions.py', text: SCRIPT, inputs: { visits: 'bronze/visits' }, parameters: { minutes: 30 } },
  }])
  expect(await rig.rows('select person, visits from silver.sessions')).toEqual([{ person: 'ann', visits: 2 }])
  expect(await rig.with(async project => project.graph.facts('silver/sessions' as AssetKey).kind)).toBe('spark')
})

it('is stale by its script\'s text, and by the values that it read; by nothing else', async () => {
  await rig.run()
  expect(await rig.planned()).toEqual({})
  rig.write('assets/silver/other.py', 'x = 1')
  rig.write('assets/silver/sessions.py', `${SCRIPT}\n# otherwise\n`)
  expect(await rig.planned()).toEqual({ 'silver/sessions': ['code'] })
  await rig.run()
  rig.write('config/local.yaml', CONFIG(server.endpoint).replace('30', '45'))
  expect(Object.keys(await rig.planned())).toEqual(['silver/sessions'])
  await rig.run()
  expect(asked.map(({ script: { parameters } }) => parameters)).toEqual([{ minutes: 30 }, { minutes: 30 }, { minutes: 45 }])
})

it('is refused where its script is not there, with the place that names it', async () => {
  rig.write('assets/silver/sessions.ts', SESSIONS.replace('./sessions.py', 'assets/silver/seasons.py'))
  await expect(rig.run()).rejects.toMatchObject({ code: 'project/script-missing', message: 'The script assets/silver/seasons.py of silver/sessions can\'t be read: it is not there.', place: { file: 'assets/silver/sessions.ts' } })
})

it('runs on Spark only: another engine says so, and a profile without Spark fails at that step alone', async () => {
  rig.write('config/local.yaml', `${CONFIG(server.endpoint)}engines: { assets: { silver/sessions: duckdb } }\n`)
  expect((await rig.run()).steps).toMatchObject([{ status: 'materialized' }, { status: 'failed', error: { code: 'engines/no-scripts' } }])
  rig.write('config/local.yaml', 'variables: { session_minutes: 30 }\n')
  expect((await rig.run()).steps).toMatchObject([{ asset: 'silver/sessions', status: 'failed', error: { code: 'project/engine-not-configured' } }])
})
