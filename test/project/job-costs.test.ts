import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { athenaService, emrService, type ServiceOnTrial } from '../engines/engines-on-trial.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { athenaOnDuckDb, sparkOnDuckDb } from '../rig/engines-on-duckdb.ts'
import { CliRig } from '../e2e/cli-rig.ts'

let database: Database
let folder: string
let service: ServiceOnTrial
let rig: CliRig
const rigs: CliRig[] = []
beforeAll(async () => {
  database = await Database.open()
  folder = mkdtempSync(join(tmpdir(), 'varve-costs-'))
  Object.assign(process.env, AWS_FOR_TESTS)
})
afterAll(() => {
  for (const each of rigs) each.remove()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  rigs.push((rig = new CliRig()))
  return () => service.server.stop()
})

const PRICE = 'price: { vCpuHour: 0.052624, memoryGbHour: 0.0057785, storageGbHour: 0.000111, currency: USD }'
const POLL = 'poll: { first: 10ms, most: 40ms }'
const project = (engine: string, settings: string) => rig.write('config/local.yaml', `sources:\n  dir: exports\nlayers: [landing, bronze, silver, gold]\nengines: { assets: { gold/spending: ${engine} } }\n${settings}\n`)
const onEmr = async (more = PRICE) => {
  service = await emrService(folder, sparkOnDuckDb(database))
  project('emr-serverless', `emrServerless: { application: app, role: "arn:aws:iam::123456789012:role/x", endpoint: "${service.server.endpoint}", rowsStay: false, ${POLL}, ${more} }`)
}
const told = <T>(words: readonly string[]) => rig.ask([...words, '--json'], AWS_FOR_TESTS).then(({ out }) => JSON.parse(out) as T)
interface Step { readonly key: string; readonly jobs: readonly { readonly id: string; readonly queuedMs: number; readonly ranMs: number; readonly cost: object }[]; readonly stages: Readonly<Record<string, number>> | null; readonly readVersions: object }
interface Run { readonly run: string; readonly lastAt: string; readonly costs: object; readonly steps: readonly Step[] }
interface Costs { readonly costs: Readonly<Record<string, number>>; readonly days: readonly { readonly key: string; readonly day: string; readonly jobs: number; readonly pending: number; readonly unpriced: number; readonly bytesScanned: number; readonly costs: Readonly<Record<string, number>> }[] }
const newestRun = async () => told<Run>(['runs', (await told<{ runs: readonly { run: string }[] }>(['runs'])).runs[0]!.run])

describe('what jobs on other machines took and cost', { timeout: 120_000 }, () => {
  it('[OBS-M-2] [DIF-3] is told of each step of a run, beside how long its parts took, what it read and what was checked', async () => {
    await onEmr()
    const { code } = await rig.ask(['materialize', '+gold/spending'], AWS_FOR_TESTS)
    const { steps } = await newestRun()
    const [here, there] = ['bronze/orders', 'gold/spending'].map(key => steps.find(step => step.key === key)!)
    const [job] = there!.jobs
    expect([code, here!.jobs, there!.jobs.length]).toEqual([0, [], 1])
    // The server lets jobs wait for 20 ms; a job that runs takes some.
    expect(job).toMatchObject({ engine: 'emr-serverless', queuedMs: 20, startMs: expect.any(Number), ranMs: expect.any(Number), bytesScanned: null, cost: { status: 'pending' } })
    for (const { stages } of [here!, there!]) expect(stages).toEqual({ makeMs: expect.any(Number), checkMs: expect.any(Number), commitMs: expect.any(Number) })
    expect(there!.stages!['makeMs']).toBeGreaterThanOrEqual(job!.queuedMs + job!.ranMs)
    expect(there!.readVersions).toEqual({ 'bronze/orders': 0 })
    expect((await rig.ask(['runs', (await newestRun()).run], AWS_FOR_TESTS)).out).toMatch(/gold\/spending +emr-serverless +00\w+ +20 ms .*not billed yet/)
  })

  it('[OBS-M-4] [DIF-5] is summed up by asset and day once the bill is there, which is asked for again and kept', async () => {
    await onEmr()
    for (const words of [['materialize', '+gold/spending'], ['materialize', 'gold/spending', '--force'], ['materialize', 'gold/spending', '--force']]) expect((await rig.ask(words, AWS_FOR_TESTS)).code).toBe(0)
    const before = await newestRun()
    const looks = service.server.count(service.calls.look)
    const first = await told<Costs>(['runs', 'costs'])
    const after = await newestRun()
    const [{ vCPUHour, memoryGBHour }] = [{ vCPUHour: 2, memoryGBHour: 8 }]
    // The server bills 2 processors and 8 GB for as long as a job ran.
    const runs = await Promise.all((await told<{ runs: readonly { run: string }[] }>(['runs'])).runs.map(({ run }) => told<Run>(['runs', run])))
    const ran = runs.flatMap(({ steps }) => steps.flatMap(({ jobs }) => jobs.map(({ ranMs }) => ranMs)))
    const expected = ran.reduce((sum, ms) => sum + Math.round((ms / 3_600_000) * (vCPUHour * 0.052624 + memoryGBHour * 0.0057785) * 1e6) / 1e6, 0)
    expect(first.days).toEqual([{ key: 'gold/spending', day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), jobs: 3, ranMs: ran.reduce((sum, ms) => sum + ms, 0), bytesScanned: 0, costs: first.costs, pending: 0, unpriced: 0 }])
    expect(first.costs['USD']).toBeCloseTo(expected, 6)
    expect(service.server.count(service.calls.look) - looks).toBe(3)
    expect([before.steps[0]!.jobs[0]!.cost, after.steps[0]!.jobs[0]!.cost, after.lastAt]).toEqual([{ status: 'pending' }, { status: 'billed', amount: expect.any(Number), currency: 'USD' }, before.lastAt])
    expect([await told(['runs', 'costs']), service.server.count(service.calls.look) - looks]).toEqual([{ ...first, since: expect.any(String) }, 3])
    expect((await rig.ask(['runs', 'costs'], AWS_FOR_TESTS)).out).toMatch(/gold\/spending +3 [^]*3 jobs: \S+ USD/)
  })

  it('is asked for where it can be: a job that failed cost something too, and one of a profile without its engine stays without a bill', async () => {
    service = await emrService(folder, async () => ({ code: 1 }))
    project('emr-serverless', `retry: { times: 0, delay: 1ms }\nemrServerless: { application: app, role: "arn:aws:iam::123456789012:role/x", endpoint: "${service.server.endpoint}", rowsStay: false, ${POLL}, ${PRICE} }`)
    expect((await rig.ask(['materialize', '+gold/spending'], AWS_FOR_TESTS)).code).toBe(1)
    rig.write('config/other.yaml', 'sources:\n  dir: exports\nlayers: [landing, bronze, silver, gold]\n')
    const { out, err } = await rig.ask(['runs', 'costs', '--json', '--profile', 'other'], AWS_FOR_TESTS)
    expect((JSON.parse(out) as Costs).days).toMatchObject([{ key: 'gold/spending', jobs: 1, pending: 1 }])
    expect(err).toContain('what emr-serverless billed can\'t be asked for')
    expect((await told<Costs>(['runs', 'costs'])).days).toMatchObject([{ key: 'gold/spending', jobs: 1, pending: 0 }])
  })

  it('goes by what was scanned where that is what an engine is paid for, and is not invented where there is no price', async () => {
    service = await athenaService(folder, database, server => athenaOnDuckDb(database, () => server().databases))
    const athena = (price: string) => project('athena', `athena: { database: lake, output: ${folder}/results, endpoint: "${service.server.endpoint}", glueEndpoint: "${service.server.endpoint}", ${POLL}${price} }`)
    athena(', price: { perTerabyte: 5, currency: USD }')
    expect((await rig.ask(['materialize', '+gold/spending'], AWS_FOR_TESTS)).code).toBe(0)
    // Ten megabytes are billed at least: 5 USD x 10 / 1024 / 1024.
    expect(await told(['runs', 'costs'])).toMatchObject({ costs: { USD: 0.000048 }, days: [{ key: 'gold/spending', jobs: 1, pending: 0, unpriced: 0 }] })
    athena('')
    expect((await rig.ask(['materialize', 'gold/spending', '--force'], AWS_FOR_TESTS)).code).toBe(0)
    expect(await told(['runs', 'costs'])).toMatchObject({ costs: { USD: 0.000048 }, days: [{ jobs: 2, unpriced: 1 }] })
    expect((await rig.ask(['runs', 'costs', 'bronze/*'], AWS_FOR_TESTS)).out).toMatch(/^No job ran on other machines since /)
  })
})
