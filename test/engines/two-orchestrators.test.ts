import { S3Client } from '@aws-sdk/client-s3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { EmrServer } from '../engines-real/emr-server.ts'
import { Gate, until } from '../rig/gate.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { s3ForTests } from '../rig/s3-rig.ts'
import { sameRowsOnS3 } from '../rig/same-rows-on-s3.ts'

const s3 = s3ForTests()
const gate = new Gate()
let client: S3Client
let database: Database
let server: EmrServer
let rig: ProjectRig
let folder: string
let lakes = 0

/** A machine with a cache and a state of its own; `lease` is how long it waits for a word of others. */
const machine = (name: string, lease: string) => `engines: { default: emr-serverless }\nlease: ${lease}\ncache: { dir: .varve/${name} }\nemrServerless: { application: app, role: 'arn:aws:iam::123456789012:role/varve', endpoint: '\${EMR}', rowsStay: true, poll: { first: 10ms, most: 50ms } }\n`
const people = (least: number) => module('Asset, notNull, SqlAsset, sql', `
@Asset({ key: 'bronze/people', checks: [notNull('id')] })
export class People extends SqlAsset {
  query({ dialect }) {
    return dialect === 'spark'
      ? sql\`select id, concat('name ', cast(id as string)) as name, md5(cast(id as string)) as digest from range(10) where id >= ${least}\`
      : sql\`select i as id, 'name ' || i as name, md5(i::varchar) as digest from range(10) as r(i) where i >= ${least}\`
  }
}`)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-two-'))
  client = new S3Client({ endpoint: s3().server.endpoint, forcePathStyle: true })
  database = await Database.open()
  const submit = sameRowsOnS3({ client, database, folder, size: () => 100 })
  server = await EmrServer.start({ submit: async (job, signal) => ((await gate.passed(signal)) ? submit(job, signal) : { code: 143 }) })
  vi.stubEnv('EMR', server.endpoint)
  rig = new ProjectRig({ 'config/one.yaml': machine('one', '300ms'), 'config/silent.yaml': machine('silent', '1h'), 'config/two.yaml': machine('two', '60s'), 'config/hasty.yaml': machine('hasty', '300ms') })
})
beforeEach(() => {
  server.jobs.clear()
  gate.hold()
  rig.write('assets/people.ts', people(0))
})
afterAll(async () => {
  rig.remove()
  await server.stop()
  database.close()
  client.destroy()
  rmSync(folder, { recursive: true, force: true })
})

const said: string[] = []
async function run(profile: string, lake: string) {
  const { steps } = await rig.run([], { lake, profile, listen: event => void (event.type === 'log' && said.push(event.message)) })
  return steps.map(({ status, error }) => error?.code ?? status)
}

/** One of them waits for its job. */
async function oneWaits(lake: string, profile = 'one'): Promise<{ readonly ended: Promise<readonly string[]> }> {
  const ended = run(profile, lake)
  await until(() => states().at(-1) === 'RUNNING')
  return { ended }
}

const states = () => [...server.jobs.values()].map(({ state }) => state)
const rows = (lake: string) => rig.with(async project => (await project.query('select count(*)::int as rows, count(distinct digest)::int as digests from bronze.people')).rows, { lake, profile: 'two' })

describe('two orchestrators on one lake, which know nothing of each other', () => {
  it.each([['the same', 0], ['something else', 5]])('do not take each other\'s jobs away where they ask for %s: who comes second does nothing, and says why', async (_, least) => {
    const lake = `s3://lake/two/${(lakes += 1)}`
    const one = await oneWaits(lake)
    rig.write('assets/people.ts', people(least))
    expect(await run('two', lake)).toEqual(['engines/job-of-another-run'])
    gate.letGo()
    expect([await one.ended, states()]).toEqual([['materialized'], ['SUCCESS']])
    expect(await rows(lake)).toEqual([{ rows: 100, digests: 100 }])
  })

  it('that take each other for dead make one version, and the files of it stay', async () => {
    const lake = `s3://lake/two/${(lakes += 1)}`
    const one = await oneWaits(lake, 'silent')
    const hasty = run('hasty', lake)
    await until(() => said.some(message => message.startsWith('taking up')))
    gate.letGo()
    expect([await one.ended, await hasty].flat().sort()).toEqual(['materialized', 'storage/publish-conflict'])
    expect([states(), await rows(lake)]).toEqual([['SUCCESS'], [{ rows: 100, digests: 100 }]])
  })
})
