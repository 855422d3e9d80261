import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { clientSettings, loadSdk, type AwsSettings } from './aws-settings.ts'
import { AccessDenied, CredentialsExpired, NoBucket, NoCredentials, NoRegion, ObjectStoreFailed } from './object-errors.ts'
import { placeText, type ObjectPlace } from './object-place.ts'
import { PATIENCE, pauseAfter, type Patience } from './patience.ts'
import { requestTrouble } from './request-trouble.ts'

type Sdk = typeof import('@aws-sdk/client-s3')

/** What a request is made with. */
export interface OpenedS3 {
  readonly sdk: Sdk
  readonly client: S3Client
}

export interface S3RequestOptions extends AwsSettings {
  readonly credentials?: S3ClientConfig['credentials'] | undefined
  readonly patience?: Patience | undefined
}

const REQUEST_MS = 60_000

/** Requests about the objects below a place, each made with patience, its troubles told in words. */
export class S3Requests {
  readonly place: string
  readonly #at: ObjectPlace
  readonly #options: S3RequestOptions
  readonly #patience: Patience
  #opened: Promise<OpenedS3> | undefined

  constructor(at: ObjectPlace, options: S3RequestOptions) {
    this.place = placeText(at)
    this.#at = at
    this.#options = options
    this.#patience = options.patience ?? PATIENCE
  }

  get bucket() {
    return { Bucket: this.#at.bucket }
  }

  object(key: string) {
    return { Bucket: this.#at.bucket, Key: this.key(key) }
  }

  /** As S3 knows the object. */
  key(key: string): string {
    return `${this.#at.prefix}${key}`
  }

  /** As it is known below the place. */
  keyBelow(key: string): string {
    return key.slice(this.#at.prefix.length)
  }

  /** With which key an object is put. */
  get encryption() {
    const { kmsKey } = this.#options
    return kmsKey === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKey }
  }

  /** Closes the connections that are kept open. */
  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    if (opened) (await opened).client.destroy()
  }

  /** What is asked of an object, or undefined where there is none. */
  async unlessAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
    return asked.catch(error => {
      if (requestTrouble(error) === 'absent') return undefined
      throw error
    })
  }

  /** Makes a request, again and again while the store is busy. `unsure` is told when an attempt may have been carried out although it failed. */
  async ask<T>(deed: string, key: string, request: (opened: OpenedS3) => Promise<T>, unsure?: () => void): Promise<T> {
    const opened = await (this.#opened ??= this.#open())
    const place = `${this.place}/${key}`
    let mayBeDone = false
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request(opened)
      } catch (error) {
        switch (requestTrouble(error)) {
          case 'absent': case 'precondition': throw error
          case 'no-bucket': throw new NoBucket(this.#at.bucket)
          case 'denied': throw new AccessDenied(deed, place, messageOf(error))
          case 'expired': throw new CredentialsExpired(deed, place)
          case 'no-credentials': throw new NoCredentials(messageOf(error))
          case 'other':
            if (nameOf(error) === 'InvalidRange') throw error
            if (/region is missing/i.test(messageOf(error))) throw new NoRegion()
            throw new ObjectStoreFailed(deed, place, error, attempt)
          case 'again':
            unsure?.()
            mayBeDone ||= unsure !== undefined
            break
          case 'conflict':
            break
        }
        if (attempt >= this.#patience.attempts) throw new ObjectStoreFailed(deed, place, error, attempt, !mayBeDone)
        await pauseAfter(attempt, this.#patience)
      }
    }
  }

  async #open(): Promise<OpenedS3> {
    const sdk = await loadSdk('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'))
    const { credentials, endpoint } = this.#options
    const client = new sdk.S3Client({
      ...clientSettings(this.#options),
      ...(credentials === undefined ? {} : { credentials }),
      // A server of one's own has no host name for each bucket.
      ...(endpoint === undefined ? {} : { forcePathStyle: true }),
      maxAttempts: 1,
      followRegionRedirects: true,
      requestHandler: { requestTimeout: REQUEST_MS, connectionTimeout: 10_000, throwOnRequestTimeout: true },
    })
    return { sdk, client }
  }
}

/** The name by which an error is known. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')
const messageOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, '') : String(error))
