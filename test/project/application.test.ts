import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { differencesOf } from '../../framework/engines/emr-application.ts'
import { diagnose } from '../../framework/project/doctor.ts'
import { EmrServer } from '../engines-real/emr-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { Gate, until } from '../rig/gate.ts'

const ONE = module('Asset, SqlAsset, sql', `
@Asset({ key: 'silver/one' })
export class One extends SqlAsset {
  query() { return sql\`select 1 as id\` }
}`)
const WANTED = { name: 'lake', release: 'emr-7.9.0', architecture: 'ARM64', maximumCapacity: { cpu: 64, memoryGb: 256 }, autoStopMinutes: 15 } as const

let server: EmrServer
let gate: Gate
let rig: ProjectRig
beforeEach(async () => {
  Object.assign(process.env, AWS_FOR_TESTS)
  gate = new Gate()
  server = await EmrServer.start({ submit: async (_, signal) => ({ code: (await gate.passed(signal)) ? 1 : 143 }) })
  rig = new ProjectRig({ 'assets/silver/one.ts': ONE })
})
afterEach(async () => {
  rig.remove()
  await server.stop()
})

const config = (provision: string, { application = '${NO_SUCH_APPLICATION_VARIABLE}', more = '' } = {}) =>
  rig.write('config/local.yaml', `engines: { default: emr-serverless }\nemrServerless: { application: "${application}", role: "arn:aws:iam::123456789012:role/x", endpoint: "${server.endpoint}", poll: { first: 10ms, most: 40ms }, provision: { ${provision} }${more} }\n`)
const LAKE = 'name: lake, release: emr-7.9.0, maximumCapacity: { cpu: 64, memoryGb: 256 }'
const settled = (apply = false) => rig.with(project => project.application(apply))

describe('[Q15-d] the application of EMR Serverless', () => {
  it('is made as the configuration says, once, and found by its name until its id is written down', async () => {
    config(LAKE)
    expect(await settled()).toEqual({ application: undefined, name: 'lake', differences: [], deed: 'create', applied: false })
    expect(server.applications.size).toBe(0)
    server.faults.push({ call: 'CreateApplication', how: 'drop', times: 1 })
    expect(await settled(true)).toMatchObject({ application: 'app-1', deed: 'create', applied: true })
    expect(await settled(true)).toMatchObject({ application: 'app-1', deed: 'none', applied: false })
    expect([...server.applications.values()]).toMatchObject([{
      name: 'lake', type: 'SPARK', releaseLabel: 'emr-7.9.0', architecture: 'ARM64', maximumCapacity: { cpu: '64 vCPU', memory: '256 GB' },
      autoStartConfiguration: { enabled: true }, autoStopConfiguration: { enabled: true, idleTimeoutMinutes: 15 },
    }])
  })

  it('is told by what it differs, and changed where that is asked for: stopped before, as AWS changes no other', async () => {
    config(LAKE)
    await settled(true)
    server.applications.get('app-1')!['state'] = 'STARTED'
    config('name: lake, release: emr-7.10.0, architecture: X86_64, maximumCapacity: { cpu: 128, memoryGb: 256, diskGb: 500 }, autoStopMinutes: 5', { application: 'app-1' })
    const differences = [{ setting: 'release', is: 'emr-7.9.0', wanted: 'emr-7.10.0' }, { setting: 'architecture', is: 'ARM64', wanted: 'X86_64' }, { setting: 'maximumCapacity.cpu', is: '64', wanted: '128' }, { setting: 'maximumCapacity.diskGb', is: 'no limit', wanted: '500' }, { setting: 'autoStopMinutes', is: '15', wanted: '5' }]
    expect(await settled()).toEqual({ application: 'app-1', name: 'lake', state: 'STARTED', differences, deed: 'update', applied: false })
    const { findings } = await diagnose({ root: rig.root })
    expect(findings.find(({ check }) => check === 'emr application settings')).toMatchObject({ status: 'warning', message: expect.stringContaining('architecture is ARM64, not X86_64') })
    expect(await settled(true)).toMatchObject({ state: 'STOPPED', differences, deed: 'update', applied: true })
    expect(await settled(true)).toMatchObject({ differences: [], deed: 'none', applied: false })
    expect(server.calls.filter(call => /^(Stop|Update)/.test(call))).toEqual(['StopApplication', 'UpdateApplication'])
    expect((await diagnose({ root: rig.root })).findings.map(({ check }) => check)).not.toContain('emr application settings')
  })

  it('is left as it is while jobs run on it, which are named', async () => {
    config(LAKE)
    await settled(true)
    config(LAKE.replace('cpu: 64', 'cpu: 32'), { application: 'app-1' })
    server.applications.get('app-1')!['state'] = 'STARTED'
    gate.hold()
    const running = rig.run()
    await until(() => [...server.jobs.values()][0]?.state === 'RUNNING')
    await expect(settled(true)).rejects.toMatchObject({ code: 'engines/application-busy', message: 'The application app-1 can\'t be changed while a job of it runs: silver/one.' })
    expect(server.count('StopApplication') + server.count('UpdateApplication')).toBe(0)
    gate.letGo()
    await running
  })

  it('is asked for by name where it is gone, or nothing is said of it; and spot machines are refused', async () => {
    config(LAKE, { application: 'app-9' })
    await expect(settled()).rejects.toMatchObject({ code: 'engines/application-gone' })
    rig.write('config/local.yaml', `emrServerless: { application: a, role: r }\n`)
    await expect(settled()).rejects.toMatchObject({ code: 'project/nothing-provisioned' })
    config(LAKE, { more: ', spot: true' })
    await expect(settled(true)).rejects.toMatchObject({ code: 'engines/no-spot', hint: expect.stringContaining('ARM64') })
    config('name: lake, release: newest, maximumCapacity: { cpu: 64, memoryGb: 256 }')
    await expect(settled()).rejects.toMatchObject({ message: expect.stringContaining('emrServerless.provision.release') })
  })
})

it('workers that are kept warm and a missing limit are differences, as both cost money; machines of other names in another order are none', () => {
  const found = { applicationId: 'a', name: 'lake', arn: '', releaseLabel: 'emr-7.9.0', type: 'Spark', state: 'STOPPED', createdAt: new Date(0), updatedAt: new Date(0), architecture: 'ARM64', autoStopConfiguration: { enabled: false }, initialCapacity: { Driver: { workerCount: 1 }, Executor: { workerCount: 4 } }, networkConfiguration: { subnetIds: ['b', 'a'], securityGroupIds: [] } } as const
  expect(differencesOf({ ...WANTED, network: { subnets: ['a', 'b'], securityGroups: [] } }, found as never)).toEqual([
    { setting: 'maximumCapacity.cpu', is: 'no limit', wanted: '64' }, { setting: 'maximumCapacity.memoryGb', is: 'no limit', wanted: '256' },
    { setting: 'autoStopMinutes', is: 'never', wanted: '15' }, { setting: 'initialCapacity', is: '1 Driver, 4 Executor', wanted: 'none' },
  ])
})
