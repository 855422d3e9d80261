import { SdkMissing } from './object-errors.ts'

/** Where AWS is and how it is spoken to. All of it may be absent: then the SDK finds out as it does everywhere. */
export interface AwsSettings {
  readonly region?: string | undefined
  /** Of a server that speaks S3, in place of AWS's own. */
  readonly endpoint?: string | undefined
  /** The id, ARN or alias of the key that each object is encrypted with. Absent: as the bucket does it by itself. */
  readonly kmsKey?: string | undefined
}

/** What every client of the SDK is made with: our own patience decides about second attempts, so that none is made unseen. */
export const clientSettings = ({ region, endpoint }: Pick<AwsSettings, 'region' | 'endpoint'>) => ({
  ...(region === undefined ? {} : { region }),
  ...(endpoint === undefined ? {} : { endpoint }),
})

/** Loads a part of the SDK when it is first needed. Silences its note about Node versions, which would stand in people's output. */
export async function loadSdk<T>(module: string, load: () => Promise<T>): Promise<T> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') throw new SdkMissing(module)
    throw error
  }
}
