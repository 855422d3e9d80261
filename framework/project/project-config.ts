import type { RetryPolicy } from '../definition/asset-definition.ts'
import type { FreshnessPolicy } from '../definition/freshness-policy.ts'
import type { Duration } from '../vocabulary/duration.ts'
import { INGESTION_DEFAULTS, INGESTION_SCHEMA, LANDING_SCHEMA, type IngestionConfig, type LandingConfig } from './ingestion-config.ts'
import { ATHENA_SCHEMA, type AthenaConfig } from './athena-config.ts'
import { AWS_SCHEMA, CACHE_DEFAULTS, CACHE_SCHEMA, type AwsConfig, type CacheConfig } from './aws-config.ts'
import { PRICES_DEFAULTS, PRICES_SCHEMA, type PricesConfig } from './price-config.ts'
import { EMR_SERVERLESS_SCHEMA, ENGINES_DEFAULTS, ENGINES_SCHEMA, type EmrServerlessConfig, type EnginesConfig } from './engine-config.ts'
import type { WarehouseConfig } from '../definition/warehouse-settings.ts'
import { SECRETS_SCHEMA, type SecretsConfig } from './secrets.ts'
import { MAINTENANCE_SCHEMA, type MaintenanceConfig } from './maintenance-config.ts'
import { TABLES_DEFAULTS, TABLES_SCHEMA, type TablesConfig } from './tables-config.ts'
import { LIFECYCLE_SCHEMA, type LifecycleRule } from './lifecycle.ts'
import { LINEAGE_DEFAULTS, LINEAGE_SCHEMA, type LineageConfig } from './lineage-config.ts'

/** What `config/<profile>.yaml` says of the place where assets live and run. Paths are relative to the project. */
export interface ProjectConfig {
  /** A folder, or `s3://bucket/prefix`. */
  readonly lake: string
  readonly aws: AwsConfig
  readonly cache: CacheConfig
  /** When raw batches in a bucket go to cheaper storage. */
  readonly lifecycle: readonly LifecycleRule[]
  readonly sources: {
    /** The folder of the source systems' exports. Absent: the project's generator fills one. */
    readonly dir?: string | undefined
    /** The module that exports `generator`, for `varve demo generate` and for a first run without exports. */
    readonly generator?: string | undefined
    /** The module that exports `registered`: it finds the files of tables that only config/lineage.yaml declares. */
    readonly reader?: string | undefined
    readonly demo: { readonly customers: number; readonly seed: number }
  }
  /** How files are held to their contracts. */
  readonly ingestion: IngestionConfig
  /** Where landed batches lie below the lake; absent: in their assets' folders. */
  readonly landing?: LandingConfig | undefined
  /** From the lowest to the highest: data flows up only. */
  readonly layers: readonly string[]
  /** How many steps run at once. */
  readonly jobs: number
  /** How long a run that fell silent keeps others from the asset it was writing. */
  readonly lease: Duration
  readonly retry?: RetryPolicy | undefined
  /** Values for assets to read by name. */
  readonly variables: Readonly<Record<string, string | number | boolean>>
  /** By layer, for assets that have no policy of their own. */
  readonly freshness: Readonly<Record<string, FreshnessPolicy>>
  /** By name: what the daemon has made at set times. */
  readonly schedules: Readonly<Record<string, ScheduleConfig>>
  readonly automation: AutomationConfig
  readonly tables: TablesConfig
  /** Absent: tables are packed and cleaned when someone does it. */
  readonly maintenance?: MaintenanceConfig | undefined
  readonly alerts: AlertsConfig
  /** In which layers no personal data may stand unmasked, and which functions mask it besides what assets declare with `mask()`. */
  readonly pii: { readonly layers: readonly string[]; readonly masks: readonly string[] }
  readonly lineage: LineageConfig
  readonly engines: EnginesConfig
  readonly prices: PricesConfig
  readonly emrServerless?: EmrServerlessConfig | undefined
  readonly athena?: AthenaConfig | undefined
  /** Where secrets are found, by name. */
  readonly secrets: SecretsConfig
  /** What is particular of warehouses, by name. Paths are relative to the project. */
  readonly warehouses: Readonly<Record<string, WarehouseConfig>>
  readonly duckdb: { readonly memoryLimit?: string | undefined; readonly threads?: number | undefined }
}

export interface ScheduleConfig {
  readonly cron: string
  /** Default: UTC. */
  readonly timezone?: string | undefined
  /** Which assets. Several are joined by `or`. */
  readonly select: string | readonly string[]
  /** From its time on; all of its assets have to be made by then. */
  readonly doneWithin?: Duration | undefined
  /** Of times that passed while no daemon ran: make up for them with one run (`latest`, the default) or only list them. */
  readonly catchUp?: 'latest' | 'skip' | undefined
  readonly runbook?: string | undefined
}

export interface AutomationConfig {
  /** How often conditions are evaluated where nothing happens. */
  readonly every: Duration
  /** How many runs go on at once. */
  readonly runs: number
  /** As of a schedule, for the times in the conditions of assets. */
  readonly catchUp: 'latest' | 'skip'
}

export interface AlertsConfig {
  /** By name. */
  readonly channels: Readonly<Record<string, ChannelConfig>>
  /** Of an incident that is still open: alert again when it is so old. */
  readonly escalateAfter: readonly Duration[]
  /** An address in which `{asset}`, `{layer}`, `{name}` and `{schedule}` stand for what they say. */
  readonly runbook?: string | undefined
}

export type ChannelConfig =
  | { readonly type: 'console' }
  /** A line of JSON for each alert. The path is relative to the project. */
  | { readonly type: 'file'; readonly path: string }
  /** `${NAME}` in the address is read from the environment, so that no secret has to stand in the file. */
  | { readonly type: 'webhook'; readonly url: string; readonly timeout?: Duration | undefined }

export const DEFAULTS: ProjectConfig = {
  lake: '.varve/lake',
  aws: {},
  cache: CACHE_DEFAULTS,
  lifecycle: [],
  sources: { demo: { customers: 200, seed: 1 } },
  ingestion: INGESTION_DEFAULTS,
  layers: ['landing', 'bronze', 'silver', 'gold', 'serve'],
  jobs: 4,
  variables: {},
  freshness: { bronze: { failAfter: '1h' }, silver: { failAfter: '2h' }, gold: { failAfter: '4h' } },
  schedules: {},
  automation: { every: '30s', runs: 2, catchUp: 'latest' },
  alerts: { channels: { console: { type: 'console' } }, escalateAfter: ['1h', '4h', '1d'] },
  lease: '30s',
  pii: { layers: ['gold', 'serve'], masks: [] },
  lineage: LINEAGE_DEFAULTS,
  engines: ENGINES_DEFAULTS,
  prices: PRICES_DEFAULTS,
  secrets: { pii_salt: { env: 'VARVE_PII_SALT' } },
  tables: TABLES_DEFAULTS,
  warehouses: {},
  duckdb: {},
}

const DURATION = { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' } as const

const NAME = '^[a-z][a-z0-9_-]*$'
const CATCH_UP = { enum: ['latest', 'skip'] } as const

const FRESHNESS = {
  oneOf: [
    { const: 'none' },
    {
      type: 'object',
      additionalProperties: false,
      properties: { warnAfter: DURATION, failAfter: DURATION, column: { type: 'string', minLength: 1 }, by: { type: 'string' }, lowerBound: DURATION, timezone: { type: 'string' }, runbook: { type: 'string' } },
    },
  ],
} as const

const SCHEDULE = {
  type: 'object',
  additionalProperties: false,
  required: ['cron', 'select'],
  properties: {
    cron: { type: 'string' },
    timezone: { type: 'string' },
    select: { oneOf: [{ type: 'string', minLength: 1 }, { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } }] },
    doneWithin: DURATION,
    catchUp: CATCH_UP,
    runbook: { type: 'string' },
  },
} as const

const CHANNEL = {
  type: 'object',
  required: ['type'],
  properties: { type: { enum: ['console', 'file', 'webhook'] } },
  oneOf: [
    { additionalProperties: false, properties: { type: { const: 'console' } } },
    { additionalProperties: false, required: ['path'], properties: { type: { const: 'file' }, path: { type: 'string', minLength: 1 } } },
    { additionalProperties: false, required: ['url'], properties: { type: { const: 'webhook' }, url: { type: 'string', pattern: '^(https?://|\\$\\{[A-Z][A-Z0-9_]*\\})' }, timeout: DURATION } },
  ],
} as const

/** One schema gives the check of the file and the messages about it. */
export const CONFIG_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lake: { type: 'string', minLength: 1 },
    aws: AWS_SCHEMA,
    cache: CACHE_SCHEMA,
    lifecycle: LIFECYCLE_SCHEMA,
    sources: {
      type: 'object',
      additionalProperties: false,
      properties: {
        dir: { type: 'string', minLength: 1 },
        generator: { type: 'string', minLength: 1 },
        reader: { type: 'string', minLength: 1 },
        demo: {
          type: 'object',
          additionalProperties: false,
          properties: { customers: { type: 'integer', minimum: 1, maximum: 10_000_000 }, seed: { type: 'integer' } },
        },
      },
    },
    ingestion: INGESTION_SCHEMA,
    landing: LANDING_SCHEMA,
    layers: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', pattern: '^[a-z][a-z0-9_]*$' } },
    jobs: { type: 'integer', minimum: 1, maximum: 1000 },
    lease: DURATION,
    retry: {
      type: 'object',
      additionalProperties: false,
      required: ['times', 'delay'],
      properties: { times: { type: 'integer', minimum: 0, maximum: 100 }, delay: DURATION, backoff: { enum: ['linear', 'exponential'] } },
    },
    variables: { type: 'object', propertyNames: { pattern: '^[a-zA-Z][a-zA-Z0-9_]*$' }, additionalProperties: { type: ['string', 'number', 'boolean'] } },
    freshness: { type: 'object', propertyNames: { pattern: '^[a-z][a-z0-9_]*$' }, additionalProperties: FRESHNESS },
    schedules: { type: 'object', propertyNames: { pattern: NAME }, additionalProperties: SCHEDULE },
    automation: {
      type: 'object',
      additionalProperties: false,
      properties: { every: DURATION, runs: { type: 'integer', minimum: 1, maximum: 100 }, catchUp: CATCH_UP },
    },
    alerts: {
      type: 'object',
      additionalProperties: false,
      properties: {
        channels: { type: 'object', propertyNames: { pattern: NAME }, additionalProperties: CHANNEL },
        escalateAfter: { type: 'array', items: DURATION },
        runbook: { type: 'string' },
      },
    },
    pii: {
      type: 'object',
      additionalProperties: false,
      properties: { layers: { type: 'array', items: { type: 'string', pattern: '^[a-z][a-z0-9_]*$' } }, masks: { type: 'array', items: { type: 'string', minLength: 1 } } },
    },
    lineage: LINEAGE_SCHEMA,
    engines: ENGINES_SCHEMA,
    prices: PRICES_SCHEMA,
    tables: TABLES_SCHEMA,
    maintenance: MAINTENANCE_SCHEMA,
    emrServerless: EMR_SERVERLESS_SCHEMA,
    athena: ATHENA_SCHEMA,
    secrets: SECRETS_SCHEMA,
    warehouses: {
      type: 'object',
      propertyNames: { pattern: NAME },
      additionalProperties: { type: 'object', additionalProperties: false, properties: { path: { type: 'string', minLength: 1 }, schema: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } } },
    },
    duckdb: {
      type: 'object',
      additionalProperties: false,
      properties: { memoryLimit: { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*([KMGT]i?B|%)$' }, threads: { type: 'integer', minimum: 1 } },
    },
  },
} as const
