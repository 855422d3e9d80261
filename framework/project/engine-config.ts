import type { SqlDialect } from '../engines/dialect.ts'
import type { EmrServerlessSettings } from '../engines/emr-settings.ts'
import { NoSpot } from '../engines/emr-settings.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import { toMillis, type Duration } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import type { AthenaConfig } from './athena-config.ts'
import type { AwsConfig } from './aws-config.ts'
import { expanded } from './expanded.ts'
import { PROVISION_SCHEMA, type ProvisionConfig } from './provision-config.ts'

export type EngineName = 'duckdb' | 'emr-serverless' | 'athena'

/** Which engine makes which asset: the asset's own, else its layer's, else the default. */
export interface EnginesConfig {
  readonly default: EngineName
  readonly layers: Readonly<Record<string, EngineName>>
  readonly assets: Readonly<Record<string, EngineName>>
}

export const ENGINES_DEFAULTS: EnginesConfig = { default: 'duckdb', layers: {}, assets: {} }

/** `emrServerless:` as it is written. In its texts `${NAME}` and `${NAME:-default}` are read from the environment. */
export interface EmrServerlessConfig extends Omit<EmrServerlessSettings, 'poll' | 'timeoutMinutes' | 'queueMinutes' | 'kmsKey' | 'rowsStay'> {
  /** A text reads variables that come to `true` or `false`. */
  readonly rowsStay?: boolean | string | undefined
  readonly timeoutMinutes?: number | undefined
  readonly queueMinutes?: number | undefined
  readonly poll?: { readonly first?: Duration | undefined; readonly most?: Duration | undefined } | undefined
  /** The application as it should be: see `varve application`. */
  readonly provision?: ProvisionConfig | undefined
  /** Refused: see {@link NoSpot}. */
  readonly spot?: boolean | undefined
}

/** What to write where nothing is said of Athena. */
export const ATHENA_EXAMPLE = 'athena: { database: …, output: s3://… }'

/** As EMR Serverless itself has it, where an application says nothing of its queue. */
const QUEUE_MINUTES = 360

const TEXT = { type: 'string', minLength: 1 } as const
const DURATION = { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' } as const
const ENGINE = { enum: ['duckdb', 'emr-serverless', 'athena'] } as const
const PRICE = { type: 'number', minimum: 0 } as const

export const ENGINES_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    default: ENGINE,
    layers: { type: 'object', propertyNames: { pattern: '^[a-z][a-z0-9_]*$' }, additionalProperties: ENGINE },
    assets: { type: 'object', additionalProperties: ENGINE },
  },
} as const

export const EMR_SERVERLESS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['application', 'role'],
  properties: {
    application: TEXT,
    role: TEXT,
    region: TEXT,
    endpoint: TEXT,
    timeoutMinutes: { type: 'integer', minimum: 5, maximum: 1_000_000 },
    queueMinutes: { type: 'number', exclusiveMinimum: 0, maximum: 1_000_000 },
    sparkSubmit: TEXT,
    logs: TEXT,
    tags: { type: 'object', additionalProperties: { type: 'string' } },
    price: { type: 'object', additionalProperties: false, required: ['vCpuHour', 'memoryGbHour', 'storageGbHour', 'currency'], properties: { vCpuHour: PRICE, memoryGbHour: PRICE, storageGbHour: PRICE, currency: { type: 'string', pattern: '^[A-Z]{3}$' } } },
    poll: { type: 'object', additionalProperties: false, properties: { first: DURATION, most: DURATION } },
    rowsStay: { anyOf: [{ type: 'boolean' }, { type: 'string', pattern: '\\$\\{' }] },
    provision: PROVISION_SCHEMA,
    spot: { type: 'boolean' },
  },
} as const

/** The engine of an asset. Scripts run where Spark does; what is made neither by a query nor by a script is made here, whatever the configuration says. */
export function engineNameOf(graph: AssetGraph, config: EnginesConfig, key: AssetKey): EngineName {
  const { kind } = graph.get(key)
  if (kind === 'spark') return config.assets[key] ?? 'emr-serverless'
  if (kind !== 'sql') return 'duckdb'
  return config.assets[key] ?? config.layers[layerOf(key)] ?? config.default
}

export function dialectOf(engine: EngineName): SqlDialect {
  switch (engine) {
    case 'duckdb': return 'duckdb'
    case 'emr-serverless': return 'spark'
    case 'athena': return 'trino'
  }
}

/** The settings as this environment makes them: the key, and where nothing else is said the region, are those of the lake. @throws {EngineNotConfigured} {NoSpot} */
export function emrServerlessSettings({ emrServerless: config, aws }: { readonly emrServerless?: EmrServerlessConfig | undefined; readonly aws: AwsConfig }, environment: NodeJS.ProcessEnv): EmrServerlessSettings {
  if (!config) throw new EngineNotConfigured('emr-serverless', 'emrServerless: { application: …, role: … }')
  if (config.spot) throw new NoSpot()
  const text = (name: 'application' | 'role' | 'region' | 'endpoint' | 'sparkSubmit' | 'logs') => {
    const value = config[name]
    return value === undefined ? undefined : expanded(value, environment, `emrServerless.${name}`) || undefined
  }
  return {
    application: text('application')!, role: text('role')!, region: text('region') ?? aws.region, kmsKey: aws.kmsKey, endpoint: text('endpoint'), sparkSubmit: text('sparkSubmit'), logs: text('logs'),
    timeoutMinutes: config.timeoutMinutes ?? 120,
    queueMinutes: config.queueMinutes ?? QUEUE_MINUTES,
    tags: config.tags,
    price: config.price,
    rowsStay: switchOf(config.rowsStay, environment, 'emrServerless.rowsStay'),
    poll: { first: toMillis(config.poll?.first ?? '1s'), most: toMillis(config.poll?.most ?? '15s') },
  }
}

function switchOf(written: boolean | string | undefined, environment: NodeJS.ProcessEnv, where: string): boolean {
  if (typeof written !== 'string') return written ?? true
  const value = expanded(written, environment, where)
  if (!/^(true|false|)$/.test(value)) throw new NoSwitch(where, written, value)
  return value !== 'false'
}

/** What is wrong with the choice of engines: assets and layers that are not there, an engine of which nothing is said. */
export function engineMistakes(graph: AssetGraph, { engines, emrServerless, athena, layers: known }: { readonly engines: EnginesConfig; readonly emrServerless?: EmrServerlessConfig | undefined; readonly athena?: AthenaConfig | undefined; readonly layers: readonly string[] }): ExplainedError[] {
  const { layers, assets } = engines
  const named = new Set([engines.default, ...Object.values(layers), ...Object.values(assets)])
  // A profile that makes no scripts needs no place for them.
  const absent = !emrServerless && named.has('emr-serverless') && graph.definitions.some(({ key, kind }) => kind === 'sql' && engineNameOf(graph, engines, key) === 'emr-serverless')
  const athenaAbsent = !athena && named.has('athena') && graph.keys.some(key => engineNameOf(graph, engines, key) === 'athena')
  return [
    ...(emrServerless?.spot ? [new NoSpot()] : []),
    ...(absent ? [new EngineNotConfigured('emr-serverless', 'emrServerless: { application: …, role: … }')] : []),
    ...(athenaAbsent ? [new EngineNotConfigured('athena', ATHENA_EXAMPLE)] : []),
    ...Object.keys(assets).filter(key => !graph.has(key as AssetKey)).map(key => new EngineOfNothing(`engines.assets.${key}`, key, didYouMean(key, graph.keys, 'Take the line out, or name an asset.'))),
    ...Object.keys(layers).filter(layer => !known.includes(layer)).map(layer => new EngineOfNothing(`engines.layers.${layer}`, layer, didYouMean(layer, known, `There are: ${known.join(', ')}.`))),
  ]
}

export class NoSwitch extends ExplainedError {
  readonly code = 'project/no-switch'
  readonly hint = 'Have it come to true or false.'
  constructor(where: string, written: string, value: string) {
    super(`${where} in the configuration is ${written}, which comes to "${value}".`)
  }
}

export class EngineOfNothing extends ExplainedError {
  readonly code = 'project/engine-of-nothing'
  constructor(where: string, name: string, readonly hint: string) {
    super(`${where} in the configuration chooses an engine for ${name}, which there is not.`)
  }
}

export class EngineNotConfigured extends ExplainedError {
  readonly code = 'project/engine-not-configured'
  readonly hint: string
  constructor(engine: EngineName, example: string) {
    super(`Assets are to be made by the engine "${engine}", of which the configuration says nothing.`)
    this.hint = `Write ${example} in config/<profile>.yaml.`
  }
}
