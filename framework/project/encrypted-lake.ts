import { clientSettings, loadSdk } from '../objects/aws-settings.ts'
import { isRemote, objectPlace } from '../objects/object-place.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { AwsConfig } from './aws-config.ts'
import { s3Endpoint } from './lake.ts'

/** Makes sure that whatever is put into the lake lies encrypted with a KMS key, where the configuration requires it. @throws {UnencryptedLake} */
export async function ensureEncryptedLake(lake: string, aws: AwsConfig): Promise<void> {
  if (!isRemote(lake) || !aws.requireKms || aws.kmsKey !== undefined) return
  const { bucket } = objectPlace(lake)
  const [sdk, { bucketKey }] = await Promise.all([loadSdk('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3')), import('./doctor-s3.ts')])
  const endpoint = s3Endpoint(aws)
  const client = new sdk.S3Client({ ...clientSettings({ region: aws.region, endpoint }), ...(endpoint === undefined ? {} : { forcePathStyle: true }) })
  try {
    const { kind } = await bucketKey(sdk, client, bucket)
    if (kind !== 'kms') throw new UnencryptedLake(bucket, kind)
  } finally {
    client.destroy()
  }
}

export class UnencryptedLake extends ExplainedError {
  readonly code = 'project/unencrypted-lake'
  readonly hint = 'Set aws: { kmsKey: alias/my-key } in the configuration, or SSE-KMS as the default of the bucket.'
  constructor(readonly bucket: string, kind: 'none' | 'denied') {
    super(kind === 'denied' ? `Whether the bucket ${bucket} encrypts with a KMS key may not be looked at, and aws.requireKms is set.` : `The bucket ${bucket} does not encrypt with a KMS key by default, and aws.requireKms is set.`)
  }
}
