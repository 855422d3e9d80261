import type { AwsSettings } from '../objects/aws-settings.ts'

/** `aws:` in the configuration: where AWS is, and with which key the lake's objects are encrypted. What is absent is as the SDK finds it. */
export interface AwsConfig extends AwsSettings {
  /** Whether a lake is refused whose objects would lie without a KMS key of ours. Default: false; the doctor says so in any case. */
  readonly requireKms?: boolean | undefined
}

/** `cache:` in the configuration: where the files of lakes that are elsewhere are worked on, and how much of them is kept. */
export interface CacheConfig {
  /** Relative to the project. */
  readonly dir: string
  /** As in `20GB`. */
  readonly size: string
}

export const CACHE_DEFAULTS: CacheConfig = { dir: '.varve/lakes', size: '20GB' }

const TEXT = { type: 'string', minLength: 1 } as const
const VARIABLE = '\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}'

export const AWS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    region: { type: 'string', pattern: `^([a-z]{2}(-[a-z]+)+-\\d|${VARIABLE})$` },
    endpoint: { type: 'string', pattern: `^(https?://|${VARIABLE})` },
    kmsKey: TEXT,
    requireKms: { type: 'boolean' },
  },
} as const

export const CACHE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: { dir: TEXT, size: { type: 'string', pattern: `^(\\d+\\s*([kKmMgGtT][iI]?)?[bB]?|${VARIABLE})$` } },
} as const
