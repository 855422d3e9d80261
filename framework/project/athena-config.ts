import { byteCount } from '../delta/write-data-files.ts'
import type { AthenaSettings } from '../engines/athena-settings.ts'
import { toMillis, type Duration } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { AwsConfig } from './aws-config.ts'
import { ATHENA_EXAMPLE, EngineNotConfigured } from './engine-config.ts'
import { expanded } from './expanded.ts'

/** `athena:` as it is written. In its texts `${NAME}` and `${NAME:-default}` are read from the environment. */
export interface AthenaConfig extends Partial<Omit<AthenaSettings, 'poll' | 'maxBytes' | 'database' | 'kmsKey'>> {
  readonly database: string
  /** As in `50GB`. */
  readonly maxBytes?: string | undefined
  readonly poll?: { readonly first?: Duration | undefined; readonly most?: Duration | undefined } | undefined
}

const TEXT = { type: 'string', minLength: 1 } as const
const DURATION = { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' } as const

export const ATHENA_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['database'],
  properties: {
    workgroup: TEXT,
    database: TEXT,
    catalog: TEXT,
    output: TEXT,
    region: TEXT,
    endpoint: TEXT,
    glueEndpoint: TEXT,
    maxBytes: TEXT,
    timeoutMinutes: { type: 'number', exclusiveMinimum: 0, maximum: 100_000 },
    instants: { enum: ['refuse', 'milliseconds'] },
    price: { type: 'object', additionalProperties: false, required: ['perTerabyte', 'currency'], properties: { perTerabyte: { type: 'number', minimum: 0 }, currency: { type: 'string', pattern: '^[A-Z]{3}$' } } },
    poll: { type: 'object', additionalProperties: false, properties: { first: DURATION, most: DURATION } },
  },
} as const

/** The settings as this environment makes them: where nothing else is said, the region and the key are those of the lake. @throws {EngineNotConfigured} {BadAthenaSetting} */
export function athenaSettings({ athena: config, aws }: { readonly athena?: AthenaConfig | undefined; readonly aws: AwsConfig }, environment: NodeJS.ProcessEnv): AthenaSettings {
  if (!config) throw new EngineNotConfigured('athena', ATHENA_EXAMPLE)
  const text = (name: 'workgroup' | 'database' | 'catalog' | 'output' | 'region' | 'endpoint' | 'glueEndpoint' | 'maxBytes') => {
    const value = config[name]
    return value === undefined ? undefined : expanded(value, environment, `athena.${name}`) || undefined
  }
  const database = text('database')
  if (database === undefined || !/^[a-z0-9_]+$/.test(database.replaceAll('{layer}', ''))) throw new BadAthenaSetting('database', database ?? '', 'Glue knows names of small letters, digits and _; {layer} may stand for the layer.')
  const written = text('maxBytes')
  const maxBytes = written === undefined ? undefined : byteCount(written)
  if (written !== undefined && maxBytes === undefined) throw new BadAthenaSetting('maxBytes', written, 'Write a number of bytes, as in maxBytes: 50GB.')
  return {
    workgroup: text('workgroup') ?? 'primary', database, catalog: text('catalog') ?? 'AwsDataCatalog', output: text('output'), region: text('region') ?? aws.region, kmsKey: aws.kmsKey, endpoint: text('endpoint'), glueEndpoint: text('glueEndpoint'),
    maxBytes, timeoutMinutes: config.timeoutMinutes ?? 30, instants: config.instants ?? 'refuse', price: config.price,
    poll: { first: toMillis(config.poll?.first ?? '250ms'), most: toMillis(config.poll?.most ?? '5s') },
  }
}

/** Whether tables are to be known to Athena: a database that comes to nothing in this environment says no. */
export const wantsAthena = (config: AthenaConfig | undefined, environment: NodeJS.ProcessEnv): boolean => config !== undefined && (config.database.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => environment[name] || (otherwise ?? '')) !== '')

export class BadAthenaSetting extends ExplainedError {
  readonly code = 'project/bad-athena-setting'
  constructor(setting: string, value: string, readonly hint: string) {
    super(`athena.${setting} in the configuration comes to "${value}", which it can't be.`)
  }
}
