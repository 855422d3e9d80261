import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { JobRecords } from '../../framework/engines/job-record.ts'
import { sharedFiles } from '../../framework/engines/job-files.ts'
import { athenaService, emrService, type ServiceOnTrial } from '../engines/engines-on-trial.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { athenaOnDuckDb, sparkOnDuckDb } from '../rig/engines-on-duckdb.ts'
import { until } from '../rig/gate.ts'
import { CliRig, ending } from './cli-rig.ts'

const POLL = 'poll: { first: 10ms, most: 40ms }'

/** The services that jobs run on, and what a profile says to have `gold/spending` made there. */
const SERVICES = [
  { name: 'emr-serverless', start: (folder: string, database: Database) => emrService(folder, sparkOnDuckDb(database)), settings: (endpoint: string) => `emrServerless: { application: app, role: "arn:aws:iam::123456789012:role/x", endpoint: "${endpoint}", rowsStay: false, ${POLL} }` },
  { name: 'athena', start: (folder: string, database: Database) => athenaService(folder, database, server => athenaOnDuckDb(database, () => server().databases)), settings: (endpoint: string, folder: string) => `athena: { database: lake, output: ${folder}/results, endpoint: "${endpoint}", glueEndpoint: "${endpoint}", ${POLL} }` },
]

describe.each(SERVICES)('a run whose jobs are on $name', { timeout: 240_000 }, ({ name, start, settings }) => {
  let database: Database
  let folder: string
  let service: ServiceOnTrial
  let rig: CliRig
  const rigs: CliRig[] = []
  beforeAll(async () => {
    database = await Database.open()
    folder = mkdtempSync(join(tmpdir(), 'varve-elsewhere-'))
  })
  afterAll(() => {
    for (const each of rigs) each.remove()
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    service = await start(folder, database)
    rigs.push((rig = new CliRig()))
    rig.write('config/local.yaml', `sources:\n  dir: exports\nlayers: [landing, bronze, silver, gold]\nengines: { assets: { gold/spending: ${name} } }\n${settings(service.server.endpoint, folder)}\n`)
    return () => service.server.stop()
  })

  const run = () => rig.start(['materialize', '+gold/spending'], AWS_FOR_TESTS)
  const spent = () => rig.rows('select customer, spent from gold.spending order by customer')
  const SPENT = [{ customer: 'ann', spent: '15.00' }, { customer: 'bob', spent: '20.00' }]
  /** A run that has got so far that its job runs and its id is written down. */
  async function begun() {
    service.gate.hold()
    const child = run()
    const ended = ending(child)
    await until(() => service.states().at(-1) === 'RUNNING')
    const records = new JobRecords(join(rig.lake, '_varve/jobs'), sharedFiles)
    while ((await records.of('gold/spending'))?.job === undefined) await new Promise(resolve => setTimeout(resolve, 5))
    return { child, ended }
  }

  it('and that is killed at once, leaves the job running: the next run takes it up, and no second one is started', async () => {
    const { child, ended } = await begun()
    child.kill('SIGKILL')
    await ended
    const after = ending(run())
    const looks = service.server.count(service.calls.look)
    await until(() => service.server.count(service.calls.look) > looks + 2)
    service.gate.letGo()
    const { code, out } = await after
    expect([code, service.tokens().length, service.server.count(service.calls.start), await spent()]).toEqual([0, 1, 1, SPENT])
    expect(out).toContain('which an earlier run had asked for')
  })

  it('and that is stopped by Ctrl-C, has the job ended over there before it ends itself', async () => {
    const { child, ended } = await begun()
    child.kill('SIGINT')
    const { code, out } = await ended
    expect([code, service.states()]).toEqual([130, ['CANCELLED']])
    expect(out).toContain('1 cancelled')
    service.gate.letGo()
    expect([(await ending(run())).code, service.states(), await spent()]).toEqual([0, ['CANCELLED', service.succeeded], SPENT])
  })

  it('and whose credentials expire meanwhile, says so; with new ones the next run takes up the job', async () => {
    service.gate.hold()
    const ended = ending(run())
    await until(() => service.states().at(-1) === 'RUNNING')
    service.server.faults.push({ call: service.calls.look, how: 'expired', times: 1 })
    const { code, out, err } = await ended
    expect([code, `${out}${err}`.includes('engines/credentials-expired'), service.states()]).toEqual([1, true, ['RUNNING']])
    service.gate.letGo()
    expect([(await ending(run())).code, service.tokens().length, await spent()]).toEqual([0, 1, SPENT])
  })

  it('and another beside it that wants the same, have it made once: the second waits for its turn', async () => {
    const { ended } = await begun()
    const other = run()
    const rival = ending(other)
    await new Promise<void>(resolve => other.stdout!.on('data', part => String(part).includes('waiting for its turn') && resolve()))
    service.gate.letGo()
    expect([(await ended).code, (await rival).code, service.tokens().length, await spent()]).toEqual([0, 0, 1, SPENT])
  })
})
