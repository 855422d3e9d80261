import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { diagnose } from '../../framework/project/doctor.ts'
import { AthenaServer } from '../rig/athena-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { ProjectRig } from '../rig/project-rig.ts'

let server: AthenaServer
let rig: ProjectRig

beforeAll(async () => {
  Object.assign(process.env, AWS_FOR_TESTS)
  server = await AthenaServer.start({ execute: async () => ({}) })
})

afterAll(() => server.stop())

beforeEach(() => {
  server.databases.clear()
  server.workgroups.set('etl', { Name: 'etl', State: 'ENABLED', Configuration: { EngineVersion: { EffectiveEngineVersion: 'Athena engine version 3' } } })
  rig = new ProjectRig()
})

afterEach(() => rig.remove())

async function told(athena: string, more = ''): Promise<Record<string, readonly [status: string, message: string]>> {
  rig.write('config/local.yaml', `athena: { endpoint: "${server.endpoint}", glueEndpoint: "${server.endpoint}", ${athena} }\n${more}`)
  const { findings } = await diagnose({ root: rig.root })
  return Object.fromEntries(findings.filter(({ check }) => /athena|glue/.test(check)).map(({ check, status, message }) => [check, [status, message]]))
}

describe('the doctor, of Athena', () => {
  it('finds the workgroup, where results go and the database', async () => {
    server.databases.set('lake', new Map())
    expect(await told('workgroup: etl, database: lake, output: s3://results/athena')).toEqual({
      'athena workgroup': ['good', 'Queries run in the workgroup etl (Athena engine version 3).'],
      'athena output': ['good', 'Results and manifests are put at s3://results/athena.'],
      'glue database': ['good', 'Tables are known to Glue in lake.'],
    })
  })

  it('says nothing where nobody asks for Athena', async () => {
    expect(await told('database: "${NO_SUCH_DATABASE_VARIABLE:-}"')).toEqual({})
  })

  it('misses what is not there', async () => {
    expect(await told('workgroup: none, database: lake')).toMatchObject({ 'athena workgroup': ['bad', 'There is no workgroup none in Athena.'], 'athena output': ['skipped', expect.anything()], 'glue database': ['warning', 'There is no database lake in Glue yet.'] })
    expect(await told("workgroup: etl, database: 'lake_{layer}'", 'layers: [bronze, silver]\n')).toMatchObject({ 'athena output': ['bad', 'Neither athena.output nor the workgroup etl says where results go.'], 'glue database': ['warning', 'There is no database lake_bronze, lake_silver in Glue yet.'] })
    expect(await told('database: "${NO_SUCH_DATABASE_VARIABLE}"', 'engines: { default: athena }\n')).toMatchObject({ athena: ['bad', expect.stringContaining('NO_SUCH_DATABASE_VARIABLE')] })
  })

  it('knows what a workgroup enforces: its state, its engine, its output and its key', async () => {
    const workgroup = (configuration: object, state = 'ENABLED') => server.workgroups.set('etl', { Name: 'etl', State: state, Configuration: configuration })
    workgroup({}, 'DISABLED')
    expect(await told('workgroup: etl, database: lake')).toMatchObject({ 'athena workgroup': ['bad', 'The workgroup etl is disabled.'] })
    workgroup({ EngineVersion: { EffectiveEngineVersion: 'Athena engine version 2' } })
    expect(await told('workgroup: etl, database: lake')).toMatchObject({ 'athena workgroup': ['bad', 'The workgroup etl has Athena engine version 2, which reads no Delta tables.'] })
    const enforced = { EnforceWorkGroupConfiguration: true, ResultConfiguration: { OutputLocation: 's3://theirs/' } }
    workgroup(enforced)
    expect(await told('workgroup: etl, database: lake, output: s3://ours')).toMatchObject({ 'athena output': ['warning', 'The workgroup etl has results put at s3://theirs/, whatever athena.output says.'] })
    const key = 'arn:aws:kms:eu-central-1:123456789012:key/k1'
    expect(await told('workgroup: etl, database: lake', `aws: { kmsKey: "${key}" }\n`)).toMatchObject({ 'athena output': ['bad', 'The workgroup etl enforces no encryption, so that what Athena writes into the lake is not encrypted with aws.kmsKey.'] })
    workgroup({ ...enforced, ResultConfiguration: { ...enforced.ResultConfiguration, EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: key } } })
    expect(await told('workgroup: etl, database: lake', `aws: { kmsKey: "${key}" }\n`)).toMatchObject({ 'athena output': ['good', `Results and manifests are put at s3://theirs/, with SSE-KMS and the key ${key}.`] })
  })
})
