import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { PutBucketEncryptionCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ConfiguredSecrets } from '../../framework/project/configured-secrets.ts'
import { diagnose } from '../../framework/project/doctor.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { CREDENTIALS, Moto, REGION } from './moto.ts'

let moto: Moto
let rig: ProjectRig

beforeAll(async () => {
  moto = await Moto.start('lake', 'plain')
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_REGION: REGION, MOTO: moto.endpoint })) vi.stubEnv(name, value)
  const client = new S3Client({ endpoint: moto.endpoint, forcePathStyle: true })
  await client.send(new PutBucketVersioningCommand({ Bucket: 'lake', VersioningConfiguration: { Status: 'Enabled' } }))
  await client.send(new PutBucketEncryptionCommand({ Bucket: 'lake', ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/lake' } }] } }))
  const secrets = new SecretsManagerClient({ endpoint: moto.endpoint })
  await secrets.send(new CreateSecretCommand({ Name: 'prod/redshift', SecretString: '{"user":"etl","password":"managed-password"}' }))
  rig = new ProjectRig({ 'config/prod.yaml': 'lake: s3://${BUCKET:-lake}/prod\naws: { endpoint: "${MOTO}", region: eu-central-1 }\nsecrets: { redshift: { secretsManager: "prod/redshift#password" } }\n' })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  rig.remove()
  await moto.stop()
})

const found = async () => Object.fromEntries((await diagnose({ root: rig.root, profile: 'prod' })).findings.map(({ check, status }) => [check, status]))

it("[GOV-KMS-1] the doctor finds what is there of S3, STS and Secrets Manager on moto's servers, and what is not", async () => {
  expect(await found()).toEqual({
    node: 'good', duckdb: 'good', configuration: 'good', disk: 'good', credentials: 'good', bucket: 'good', encryption: 'good', versioning: 'good', permissions: 'good', 'conditional writes': 'good',
    state: 'good', sources: 'good', 'secret redshift': 'good',
  })
  vi.stubEnv('BUCKET', 'plain')
  expect(await found()).toMatchObject({ bucket: 'good', encryption: 'bad', versioning: 'warning', permissions: 'good' })
  vi.stubEnv('BUCKET', 'nowhere')
  expect(await found()).toMatchObject({ credentials: 'good', bucket: 'bad', permissions: 'skipped' })
})

it('a secret of Secrets Manager is read by its field', async () => {
  const secrets = new ConfiguredSecrets({ redshift: { secretsManager: 'prod/redshift#password' }, other: { secretsManager: 'prod/other' } }, rig.root, { endpoint: moto.endpoint, region: REGION })
  expect((await secrets.get('redshift')).reveal()).toBe('managed-password')
  await expect(secrets.get('other')).rejects.toMatchObject({ code: 'project/no-secret' })
})
