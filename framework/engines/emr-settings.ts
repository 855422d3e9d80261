import { ExplainedError, type Place } from '../vocabulary/errors.ts'

/** `emrServerless:` in the configuration. */
export interface EmrServerlessSettings {
  /** The application's id. */
  readonly application: string
  /** The ARN of the role that jobs run as. */
  readonly role: string
  readonly region?: string | undefined
  /** Of a server that speaks EMR Serverless, in place of AWS's own. */
  readonly endpoint?: string | undefined
  /** How long a job may take before AWS ends it, in minutes. */
  readonly timeoutMinutes: number
  /** How long a job may wait for workers before it is cancelled, in minutes. Absent: as long as AWS lets it. */
  readonly queueMinutes?: number | undefined
  /** Spark's own settings: memory, cores, jars. */
  readonly sparkSubmit?: string | undefined
  /** The id, ARN or alias of the key that Spark encrypts with what it writes to S3. Absent: as the bucket does it by itself. */
  readonly kmsKey?: string | undefined
  /** Where the logs of drivers go; what they say last is shown when a job fails. */
  readonly logs?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly price?: EmrPrice | undefined
  /** Rows stay where jobs make them: see decision 0074. */
  readonly rowsStay?: boolean | undefined
  /** How long to wait before the second look at a job, and at most, in milliseconds. */
  readonly poll: { readonly first: number; readonly most: number }
}

/** Spark's settings by which it puts objects with a key: as EMR's own connector to S3 knows them, and as Hadoop's does, which newer releases use. */
export const encryptingWith = (key: string): string =>
  [['fs.s3.enableServerSideEncryption', 'true'], ['fs.s3.serverSideEncryption.kms.keyId', key], ['fs.s3a.encryption.algorithm', 'SSE-KMS'], ['fs.s3a.encryption.key', key]].map(([name, value]) => `--conf spark.hadoop.${name}=${value}`).join(' ')

/** What AWS takes for an hour, by region and architecture: https://aws.amazon.com/emr/pricing/. */
export interface EmrPrice {
  readonly vCpuHour: number
  readonly memoryGbHour: number
  readonly storageGbHour: number
  readonly currency: string
}

/** Jobs on spot machines are nothing that EMR Serverless has; what does lower the bill is said instead. */
export class NoSpot extends ExplainedError {
  readonly code = 'engines/no-spot'
  readonly hint = 'Take `spot` out. What lowers the bill is below emrServerless.provision (architecture: ARM64, autoStopMinutes, a maximumCapacity, no workers that are kept warm), and workers no larger than jobs need (sparkSubmit).'
  constructor(override readonly place?: Place) {
    super('emrServerless.spot is set, but EMR Serverless has no spot capacity: the API knows no such field.')
  }
}
