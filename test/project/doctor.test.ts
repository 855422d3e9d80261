import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { diagnose, type DoctorOptions } from '../../framework/project/doctor.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { s3ForTests } from '../rig/s3-rig.ts'

const s3 = s3ForTests()
/** Answers as STS does, and as EMR Serverless does of one application. */
const services = createServer((request, response) => {
  if (request.url!.startsWith('/applications/')) {
    const known = request.url === '/applications/app-1'
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json', ...(known ? {} : { 'x-amzn-errortype': 'ResourceNotFoundException' }) })
    return void response.end(JSON.stringify(known ? { application: { applicationId: 'app-1', arn: 'arn', releaseLabel: 'emr-7.12.0', type: 'Spark', state: 'CREATED', createdAt: 0, updatedAt: 0 } } : { message: 'not there' }))
  }
  response.writeHead(200, { 'content-type': 'text/xml' })
  response.end('<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:role/etl</Arn><UserId>u</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>')
})
beforeAll(async () => {
  await new Promise<void>(resolve => services.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(services.address() as AddressInfo).port}`
  vi.stubEnv('AWS_ENDPOINT_URL_STS', endpoint)
  vi.stubEnv('EMR_ENDPOINT_OF_TEST', endpoint)
})
afterAll(() => void services.close())

const PROD = 'lake: s3://lake/prod\naws: { kmsKey: "arn:aws:kms:eu-central-1:123456789012:key/k1" }\n'
let rig: ProjectRig
beforeEach(() => {
  rig = new ProjectRig({ 'config/prod.yaml': PROD })
})
afterEach(() => rig.remove())

const found = async (options: DoctorOptions = {}) => Object.fromEntries((await diagnose({ root: rig.root, ...options })).findings.map(({ check, status }) => [check, status]))
const told = async (check: string, options: DoctorOptions = {}) => {
  const { message, hint } = (await diagnose({ root: rig.root, ...options })).findings.find(finding => finding.check === check)!
  return [message, hint]
}

describe('the doctor', () => {
  it('finds a new project on a laptop ready, and makes nothing', async () => {
    expect(await found()).toEqual({ node: 'good', duckdb: 'good', configuration: 'good', disk: 'good', lake: 'good', state: 'good', sources: 'good' })
  })

  it('says which part of a laptop is not as it must be', async () => {
    rig.write('config/local.yaml', 'sources: { dir: exports }\nlake: lake\nsecrets:\n  crm: { env: NOT_SET_ANYWHERE }\n')
    writeFileSync(join(rig.root, 'state.db'), 'no database')
    writeFileSync(join(rig.root, 'lake'), 'no folder')
    expect(await found()).toMatchObject({ lake: 'bad', state: 'bad', sources: 'bad', 'secret crm': 'bad' })
    expect(await told('sources')).toEqual([`The folder of the sources' exports is not there: ${join(rig.root, 'exports')}.`, expect.stringContaining('--sources')])
    mkdirSync(join(rig.root, 'exports'))
    expect(await found()).toMatchObject({ sources: 'warning' })
  })

  it('tells every mistake of a configuration, and every variable that it lacks, with the rest looked at as far as it can be', async () => {
    rig.write('config/prod.yaml', 'lake: s3://${NO_SUCH_BUCKET_VARIABLE}/x\n')
    expect(await found({ profile: 'prod' })).toMatchObject({ node: 'good', configuration: 'good', lake: 'bad', state: 'skipped', sources: 'good' })
    expect(await told('lake', { profile: 'prod' })).toEqual([expect.stringContaining('NO_SUCH_BUCKET_VARIABLE'), expect.stringContaining('Set it')])
    rig.write('config/prod.yaml', 'laek: a\njobs: 0\n')
    expect((await diagnose({ root: rig.root, profile: 'prod' })).findings.filter(({ check }) => check === 'configuration')).toHaveLength(2)
    await expect(diagnose({ root: rig.root, profile: 'nowhere' })).rejects.toMatchObject({ code: 'project/unknown-profile' })
  })

  it('[GOV-KMS-1] tries all that a lake in a bucket needs, and leaves nothing there', async () => {
    s3().server.configured.set('lake?versioning', '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')
    expect(await found({ profile: 'prod' })).toMatchObject({ credentials: 'good', bucket: 'good', encryption: 'good', versioning: 'good', permissions: 'good', 'conditional writes': 'good' })
    expect(await told('credentials', { profile: 'prod' })).toEqual(['This machine acts as arn:aws:iam::123456789012:role/etl of account 123456789012.', undefined])
    expect([...s3().server.objects('lake').keys()]).toEqual([])
    s3().server.configured.delete('lake?versioning')
    expect(await found({ profile: 'prod' })).toMatchObject({ versioning: 'warning' })
  })

  it('[GOV-KMS-1] finds a bucket bad that does not encrypt, unless each object is put with a key', async () => {
    rig.write('config/prod.yaml', 'lake: s3://lake/prod\n')
    expect(await found({ profile: 'prod' })).toMatchObject({ encryption: 'bad' })
    expect(await told('encryption', { profile: 'prod' })).toEqual(['The bucket lake does not encrypt with a KMS key by default, and no key is configured.', 'Set aws: { kmsKey: alias/my-key } in the configuration, or SSE-KMS as the default of the bucket.'])
    s3().server.configured.set('lake?encryption', '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k2</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>')
    expect(await found({ profile: 'prod' })).toMatchObject({ encryption: 'good' })
    s3().server.configured.delete('lake?encryption')
  })

  it('says which permission is missing, and what cannot be known without it', async () => {
    s3().proxy.disturb = ({ method }) => (method === 'PUT' ? { kind: 'refuse', status: 403, code: 'AccessDenied' } : undefined)
    expect(await found({ profile: 'prod' })).toMatchObject({ bucket: 'good', permissions: 'bad', 'conditional writes': 'skipped' })
    expect(await told('permissions', { profile: 'prod' })).toEqual([expect.stringContaining('Not allowed to write'), 'Allow s3:PutObject to the role above.'])
    s3().proxy.disturb = () => ({ kind: 'refuse', status: 403, code: 'AccessDenied' })
    expect(await found({ profile: 'prod' })).toMatchObject({ bucket: 'bad', encryption: 'skipped', permissions: 'skipped' })
    expect(await found({ profile: 'prod', lake: 's3://nowhere/x' })).toMatchObject({ bucket: 'bad' })
  })

  it.each([
    ['KMS.NotFoundException', 'is not there.', 'Check aws.kmsKey: the key has to be in the region of the bucket.'],
    ['KMS.DisabledException', 'is disabled.', 'Enable it, or name another in aws.kmsKey.'],
    ['KMS.KMSInvalidStateException', 'is about to be deleted, or not ready yet.', 'Cancel its deletion, or name another in aws.kmsKey.'],
  ])('[GOV-KMS-1] tells by the probe that it puts what is wrong with the key: %s', async (code, message, hint) => {
    s3().proxy.disturb = ({ method }) => (method === 'PUT' ? { kind: 'refuse', status: 400, code } : undefined)
    expect(await told('permissions', { profile: 'prod' })).toEqual([`The key arn:aws:kms:eu-central-1:123456789012:key/k1 ${message}`, hint])
  })

  it('knows a store that ignores conditions', async () => {
    s3().proxy.disturb = () => undefined
    s3().server.ignoreConditions = true
    expect(await found({ profile: 'prod' })).toMatchObject({ 'conditional writes': 'bad' })
    s3().server.ignoreConditions = false
  })

  it('asks for the application and the role of EMR Serverless where assets are made by it', async () => {
    const prod = (id: string, role: string) => `${PROD}engines: { default: emr-serverless }\nemrServerless: { application: ${id}, role: "${role}", endpoint: "\${EMR_ENDPOINT_OF_TEST}" }\n`
    rig.write('config/prod.yaml', prod('app-1', 'arn:aws:iam::123456789012:role/jobs'))
    expect(await found({ profile: 'prod' })).toMatchObject({ 'emr application': 'good', 'emr role': 'good' })
    rig.write('config/prod.yaml', prod('app-2', 'jobs'))
    expect(await found({ profile: 'prod' })).toMatchObject({ 'emr application': 'bad', 'emr role': 'bad' })
    // A profile that has scripts run there, and no query.
    rig.write('config/prod.yaml', prod('app-1', 'arn:aws:iam::123456789012:role/jobs').replace('default: emr-serverless', 'default: duckdb'))
    expect(await found({ profile: 'prod' })).toMatchObject({ 'emr application': 'good', 'emr role': 'good' })
    rig.write('config/prod.yaml', `${PROD}engines: { default: emr-serverless }\n`)
    expect(await found({ profile: 'prod' })).toMatchObject({ 'emr-serverless': 'bad' })
  })

  it('is not fooled by a lake whose folder may not be written', async () => {
    mkdirSync(join(rig.root, 'lake'))
    chmodSync(join(rig.root, 'lake'), 0o555)
    expect(await found({ lake: join(rig.root, 'lake') })).toMatchObject({ lake: process.getuid?.() === 0 ? 'good' : 'bad' })
  })
})
