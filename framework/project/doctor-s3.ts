import type { S3Client } from '@aws-sdk/client-s3'
import { randomUUID } from 'node:crypto'
import { clientSettings, loadSdk } from '../objects/aws-settings.ts'
import { objectPlace, placeText } from '../objects/object-place.ts'
import { requestTrouble } from '../objects/request-trouble.ts'
import { S3ObjectStore } from '../objects/s3-object-store.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { AwsConfig } from './aws-config.ts'
import { bad, good, skipped, warning, type Finding } from './finding.ts'
import { s3Endpoint } from './lake.ts'

type Sdk = typeof import('@aws-sdk/client-s3')

/** Who asks, whether the bucket is there, encrypted and versioned, and whether all that a lake needs can be done in it. Each by trying it. */
export async function lakeOnS3(lake: string, aws: AwsConfig): Promise<Finding[]> {
  const place = objectPlace(lake)
  let sdk: Sdk
  try {
    sdk = await loadSdk('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'))
  } catch (error) {
    return [bad('sdk', (error as Error).message, (error as ExplainedError).hint), ...REST.map(check => skipped(check, 'It is asked through the client of S3.'))]
  }
  const who = await identity(aws)
  if (who.status === 'bad') return [who, ...REST.map(check => skipped(check, 'It is asked with the credentials.'))]
  const endpoint = s3Endpoint(aws)
  const client = new sdk.S3Client({ ...clientSettings({ ...aws, endpoint }), ...(endpoint === undefined ? {} : { forcePathStyle: true }), maxAttempts: 2 })
  try {
    const reached = await bucket(sdk, client, place.bucket)
    if (reached.status === 'bad') return [who, reached, ...REST.slice(1).map(check => skipped(check, 'The bucket has to be reached first.'))]
    const encrypted = await encryption(sdk, client, place.bucket, aws)
    return [who, reached, encrypted, await versioning(sdk, client, place.bucket), ...(await permissions(lake, { ...aws, endpoint }))]
  } finally {
    client.destroy()
  }
}

const REST = ['bucket', 'encryption', 'versioning', 'permissions', 'conditional writes']

/** By STS, where it is there: a server of one's own may have none. */
async function identity(aws: AwsConfig): Promise<Finding> {
  try {
    const sdk = await loadSdk('@aws-sdk/client-sts', () => import('@aws-sdk/client-sts'))
    const client = new sdk.STSClient({ ...clientSettings({ region: aws.region, endpoint: process.env['AWS_ENDPOINT_URL_STS'] ?? aws.endpoint }), maxAttempts: 2 })
    try {
      const { Arn, Account } = await client.send(new sdk.GetCallerIdentityCommand({}))
      return good('credentials', `This machine acts as ${Arn} of account ${Account}.`)
    } finally {
      client.destroy()
    }
  } catch (error) {
    if (error instanceof ExplainedError) return warning('credentials', `${error.message} Who asks is not known without it.`, error.hint)
    const [message, hint] = WHO[requestTrouble(error)] ?? [`Who asks could not be found out: ${messageOf(error)}.`, 'Check the credentials and that AWS STS can be reached.']
    if (/region is missing/i.test(messageOf(error))) return bad('credentials', 'No AWS region is configured.', 'Set AWS_REGION, or aws: { region: ... } in the configuration.')
    return bad('credentials', message, hint)
  }
}

const WHO: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  'no-credentials': ['There are no credentials for AWS.', 'Sign in (aws sso login), set AWS_PROFILE, or give the machine a role.'],
  expired: ['The credentials have expired.', 'Renew them: aws sso login.'],
  denied: ['AWS does not accept the credentials.', 'Check AWS_ACCESS_KEY_ID and its secret, or sign in again.'],
}

async function bucket(sdk: Sdk, client: S3Client, name: string): Promise<Finding> {
  try {
    await client.send(new sdk.HeadBucketCommand({ Bucket: name }))
    return good('bucket', `The bucket ${name} can be reached.`)
  } catch (error) {
    switch (requestTrouble(error)) {
      case 'no-bucket': case 'absent': return bad('bucket', `There is no bucket ${name}.`, 'Check the name and the region in the configuration, or make the bucket.')
      case 'denied': return bad('bucket', `The bucket ${name} may not be looked at.`, 'Allow s3:ListBucket to the role above.')
      default: return bad('bucket', `The bucket ${name} can't be reached: ${messageOf(error)}.`, 'Check the network, the region and aws.endpoint.')
    }
  }
}

/** Every object has to be encrypted with a key of ours: because each put says so, or because the bucket does it. */
async function encryption(sdk: Sdk, client: S3Client, name: string, { kmsKey, requireKms }: AwsConfig): Promise<Finding> {
  if (kmsKey !== undefined) return good('encryption', `Each object is put with SSE-KMS and the key ${kmsKey}.`)
  const found = await bucketKey(sdk, client, name)
  if (found.kind === 'kms') return good('encryption', `The bucket encrypts with SSE-KMS${found.key === undefined ? '' : ` and the key ${found.key}`} by default.`)
  const [message, hint] = [found.kind === 'denied' ? `Whether the bucket ${name} encrypts may not be looked at.` : `The bucket ${name} does not encrypt with a KMS key by default, and no key is configured.`, found.kind === 'denied' ? 'Allow s3:GetEncryptionConfiguration to the role above, or set aws: { kmsKey: ... }.' : 'Set aws: { kmsKey: alias/my-key } in the configuration, or SSE-KMS as the default of the bucket.']
  return requireKms === false ? warning('encryption', message, hint) : bad('encryption', message, hint)
}

/** How a bucket encrypts what comes without a word about it. */
export async function bucketKey(sdk: Sdk, client: S3Client, name: string): Promise<{ readonly kind: 'kms'; readonly key?: string | undefined } | { readonly kind: 'none' | 'denied' }> {
  try {
    const { ServerSideEncryptionConfiguration } = await client.send(new sdk.GetBucketEncryptionCommand({ Bucket: name }))
    const rule = ServerSideEncryptionConfiguration?.Rules?.find(({ ApplyServerSideEncryptionByDefault: by }) => by?.SSEAlgorithm?.startsWith('aws:kms'))
    return rule ? { kind: 'kms', key: rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID } : { kind: 'none' }
  } catch (error) {
    return { kind: requestTrouble(error) === 'denied' ? 'denied' : 'none' }
  }
}

async function versioning(sdk: Sdk, client: S3Client, name: string): Promise<Finding> {
  try {
    const { Status } = await client.send(new sdk.GetBucketVersioningCommand({ Bucket: name }))
    return Status === 'Enabled' ? good('versioning', 'The bucket keeps earlier versions of objects.') : warning('versioning', 'The bucket keeps no earlier versions of objects: what is deleted by mistake is gone.', `Turn it on: aws s3api put-bucket-versioning --bucket ${name} --versioning-configuration Status=Enabled`)
  } catch (error) {
    return warning('versioning', `Whether the bucket keeps earlier versions could not be found out: ${messageOf(error)}.`, 'Allow s3:GetBucketVersioning to the role above.')
  }
}

/** Makes, reads and takes away one object, and looks whether it lies encrypted as configured. */
async function permissions(lake: string, aws: AwsConfig): Promise<Finding[]> {
  const store = new S3ObjectStore(objectPlace(lake), { ...aws, patience: { attempts: 2, firstPause: 50 } })
  const key = `_doctor/${randomUUID()}`
  let deed = 's3:PutObject'
  try {
    await store.putIfAbsent(key, 'probe')
    const again = await store.putIfAbsent(key, 'another')
    const conditional = again
      ? bad('conditional writes', 'The store ignores If-None-Match: two writers could both think that they made a version.', 'Use a store that carries out conditional writes, as S3 does, or let one machine alone write.')
      : good('conditional writes', 'The store refuses to make what is there already.')
    deed = 's3:GetObject'
    await store.read(key)
    const lies = await store.encryption(key)
    deed = 's3:ListBucket'
    await store.list('_doctor/')
    deed = 's3:DeleteObject'
    await store.delete([key])
    const wrongKey = aws.kmsKey !== undefined && (lies?.algorithm !== 'aws:kms' || (aws.kmsKey.startsWith('arn:') && !aws.kmsKey.includes(':alias/') && lies.key !== aws.kmsKey))
    return [
      wrongKey ? bad('permissions', `What was put with the key ${aws.kmsKey} lies ${lies?.algorithm === undefined ? 'without it' : `with ${lies.algorithm}${lies.key === undefined ? '' : ` and ${lies.key}`}`}.`, 'Look whether a policy or another server than S3 is in between.') : good('permissions', `Objects can be made, read, listed and deleted below ${placeText(objectPlace(lake))}.`),
      conditional,
    ]
  } catch (error) {
    const key = keyTrouble(error, aws.kmsKey)
    if (key) return [bad('permissions', ...key), skipped('conditional writes', 'An object has to be made first.')]
    const kms = /kms/i.test(messageOf(error)) ? ', and kms:GenerateDataKey and kms:Decrypt for the key,' : ''
    const hint = error instanceof ExplainedError && error.code !== 'objects/access-denied' ? error.hint : `Allow ${deed}${kms} to the role above.`
    return [bad('permissions', messageOf(error).replace(/\.?$/, '.'), hint), skipped('conditional writes', 'An object has to be made first.')]
  } finally {
    await store.close()
  }
}

/** What S3 says of a key that cannot encrypt, whoever may use it. */
function keyTrouble(error: unknown, kmsKey: string | undefined): [message: string, hint: string] | undefined {
  const [, what] = /KMS\.(\w+?)(?:Exception)?\b/.exec(messageOf(error)) ?? []
  const key = kmsKey === undefined ? 'The key that the bucket encrypts with' : `The key ${kmsKey}`
  switch (what) {
    case 'NotFound': return [`${key} is not there.`, 'Check aws.kmsKey: the key has to be in the region of the bucket.']
    case 'Disabled': return [`${key} is disabled.`, 'Enable it, or name another in aws.kmsKey.']
    case 'KMSInvalidState': case 'InvalidState': return [`${key} is about to be deleted, or not ready yet.`, 'Cancel its deletion, or name another in aws.kmsKey.']
    default: return undefined
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, '') || error.name : String(error))
