import type { Load } from '../definition/registered-assets.ts'

/** The registry of datasets, relative to the project. */
export const REGISTRY_FILE = 'config/lineage.yaml'

export interface RegistryFile {
  readonly version?: 1
  /** The settings of OpenLineage that the platform before this one kept here: noted, not obeyed. */
  readonly enabled?: unknown
  readonly url?: unknown
  readonly namespace?: unknown
  readonly datasets: readonly RegistryEntry[]
}

/** One dataset, as it is written. */
export interface RegistryEntry {
  /** `bronze.returns` or `bronze/returns`. */
  readonly name: string
  /** Below the lake; of an address such as `s3://bucket/bronze/returns` the path counts. Default: as the asset is called. */
  readonly location?: string
  /** A contract's file in config/schema_definitions/. */
  readonly schema?: string
  readonly layer?: string
  readonly source?: string
  readonly table?: string
  /** Of silver: the bronze dataset that it is made of. Default: the one with its name. */
  readonly from?: string
  /** What the source's files are called, up to their endings. Default: `<source>_<table>`. */
  readonly files?: string
  readonly load?: Load
  readonly newer_by?: string
  readonly optional?: boolean
  readonly description?: string
  readonly tags?: readonly string[]
  readonly owners?: readonly string[]
}

const WORD = { type: 'string', pattern: '^[a-z][a-z0-9_]*$' } as const
const TEXT = { type: 'string', minLength: 1 } as const

export const REGISTRY_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['datasets'],
  properties: {
    version: { const: 1 },
    enabled: {}, url: {}, namespace: {},
    datasets: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: { type: 'string', pattern: '^[a-z][a-z0-9_]*[./][a-z][a-z0-9_]*$' },
          location: { type: 'string', pattern: '^(?!/)(?!.*(^|/)\\.\\.?(/|$))[^\\\\\\0]+$' },
          schema: TEXT,
          layer: WORD, source: WORD, table: WORD,
          from: { type: 'string', pattern: '^bronze[./][a-z][a-z0-9_]*$' },
          files: { type: 'string', pattern: '^[^/\\\\\\0]+$' },
          load: { enum: ['full', 'merge', 'append'] },
          newer_by: TEXT,
          optional: { type: 'boolean' },
          description: TEXT,
          tags: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '^[a-z][a-z0-9_:-]*$' } },
          owners: { type: 'array', uniqueItems: true, items: TEXT },
        },
      },
    },
  },
} as const
