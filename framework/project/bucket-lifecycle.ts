import type { LifecycleRule as SdkRule } from '@aws-sdk/client-s3'
import { isDeepStrictEqual } from 'node:util'
import { clientSettings, loadSdk } from '../objects/aws-settings.ts'
import { AccessDenied, NoBucket, ObjectStoreFailed } from '../objects/object-errors.ts'
import { objectPlace } from '../objects/object-place.ts'
import { requestTrouble } from '../objects/request-trouble.ts'
import type { AwsConfig } from './aws-config.ts'
import { s3Endpoint } from './lake.ts'
import { OURS, type BucketRule } from './lifecycle.ts'

export interface LifecycleDiff {
  readonly bucket: string
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
  /** Rules of the bucket that are not ours, and stay. */
  readonly others: readonly string[]
  readonly applied: boolean
}

/** Holds the bucket's rules against the wanted ones, and with `apply` makes them so. Rules of others stay as they are. */
export async function settleLifecycle(lake: string, aws: AwsConfig, wanted: readonly BucketRule[], apply: boolean): Promise<LifecycleDiff> {
  const { bucket } = objectPlace(lake)
  const sdk = await loadSdk('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'))
  const endpoint = s3Endpoint(aws)
  const client = new sdk.S3Client({ ...clientSettings({ region: aws.region, endpoint }), ...(endpoint === undefined ? {} : { forcePathStyle: true }) })
  try {
    const now = await client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket: bucket })).then(({ Rules }) => Rules ?? [], error => {
      if ((error as Error).name === 'NoSuchLifecycleConfiguration') return []
      throw explained(error, bucket, 'look at')
    })
    const others = now.filter(({ ID }) => !ID?.startsWith(OURS))
    const ours = new Map(now.filter(({ ID }) => ID?.startsWith(OURS)).map(rule => [rule.ID!, rule]))
    const diff = {
      bucket,
      added: wanted.filter(({ ID }) => !ours.has(ID)).map(({ ID }) => ID),
      changed: wanted.filter(rule => ours.has(rule.ID) && !isDeepStrictEqual(plain(ours.get(rule.ID)!), plain(rule as SdkRule))).map(({ ID }) => ID),
      removed: [...ours.keys()].filter(id => !wanted.some(({ ID }) => ID === id)),
      others: others.map(({ ID = '' }) => ID),
    }
    const isDue = diff.added.length + diff.changed.length + diff.removed.length > 0
    if (apply && isDue) {
      await client.send(new sdk.PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: { Rules: [...others, ...(wanted as unknown as SdkRule[])] } })).catch(error => {
        throw explained(error, bucket, 'set')
      })
    }
    return { ...diff, applied: apply && isDue }
  } finally {
    client.destroy()
  }
}

const plain = ({ ID, Status, Filter, Transitions, AbortIncompleteMultipartUpload }: SdkRule) => ({
  ID, Status, prefix: Filter?.Prefix, transitions: (Transitions ?? []).map(({ Days, StorageClass }) => [Days, StorageClass]), abort: AbortIncompleteMultipartUpload?.DaysAfterInitiation,
})

function explained(error: unknown, bucket: string, deed: string): Error {
  const place = `the lifecycle rules of s3://${bucket}`
  switch (requestTrouble(error)) {
    case 'no-bucket': return new NoBucket(bucket)
    case 'denied': return new AccessDenied(deed, place, error instanceof Error ? error.message.replace(/\.$/, '') : String(error))
    default: return new ObjectStoreFailed(deed, place, error, 1)
  }
}
