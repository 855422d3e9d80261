import type { RetryPolicy } from '../definition/asset-definition.ts'

/** What `config/<profile>.yaml` says of the place where assets live and run. Paths are relative to the project. */
export interface ProjectConfig {
  readonly lake: string
  readonly sources: {
    /** The folder of the source systems' exports. Absent: the project's generator fills one. */
    readonly dir?: string | undefined
    /** The module that exports `generator`, for `varve demo generate` and for a first run without exports. */
    readonly generator?: string | undefined
    readonly demo: { readonly customers: number; readonly seed: number }
  }
  /** From the lowest to the highest: data flows up only. */
  readonly layers: readonly string[]
  /** How many steps run at once. */
  readonly jobs: number
  readonly retry?: RetryPolicy | undefined
  /** Values for assets to read by name. */
  readonly variables: Readonly<Record<string, string | number | boolean>>
  readonly duckdb: { readonly memoryLimit?: string | undefined; readonly threads?: number | undefined }
}

export const DEFAULTS: ProjectConfig = {
  lake: '.varve/lake',
  sources: { demo: { customers: 200, seed: 1 } },
  layers: ['landing', 'bronze', 'silver', 'gold', 'serve'],
  jobs: 4,
  variables: {},
  duckdb: {},
}

const DURATION = { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' } as const

/** One schema gives the check of the file and the messages about it. */
export const CONFIG_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lake: { type: 'string', minLength: 1 },
    sources: {
      type: 'object',
      additionalProperties: false,
      properties: {
        dir: { type: 'string', minLength: 1 },
        generator: { type: 'string', minLength: 1 },
        demo: {
          type: 'object',
          additionalProperties: false,
          properties: { customers: { type: 'integer', minimum: 1, maximum: 10_000_000 }, seed: { type: 'integer' } },
        },
      },
    },
    layers: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', pattern: '^[a-z][a-z0-9_]*$' } },
    jobs: { type: 'integer', minimum: 1, maximum: 1000 },
    retry: {
      type: 'object',
      additionalProperties: false,
      required: ['times', 'delay'],
      properties: { times: { type: 'integer', minimum: 0, maximum: 100 }, delay: DURATION, backoff: { enum: ['linear', 'exponential'] } },
    },
    variables: { type: 'object', propertyNames: { pattern: '^[a-zA-Z][a-zA-Z0-9_]*$' }, additionalProperties: { type: ['string', 'number', 'boolean'] } },
    duckdb: {
      type: 'object',
      additionalProperties: false,
      properties: { memoryLimit: { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*([KMGT]i?B|%)$' }, threads: { type: 'integer', minimum: 1 } },
    },
  },
} as const
