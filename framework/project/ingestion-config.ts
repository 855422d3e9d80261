import type { Contract } from '../definition/contract.ts'
import { STRICT_INGESTION, type Ingestion } from '../definition/ingestion.ts'

/** `ingestion:` in the configuration: for all sources, and for single ones what is different. Paths are relative to the lake. */
export interface IngestionConfig extends Ingestion {
  /** Below it, `<source>/<table>/` is a Delta table of the values of unknown columns. */
  readonly unknown_columns: string
  /** Below it, `<date>/` holds a JSON file for each file that drifted. */
  readonly drift: string
  /** Below it, `<topic>/` holds how far a stream has been read. */
  readonly checkpoints: string
  /** By source, or by `<source>/<table>`; the closer one counts. */
  readonly sources: Readonly<Record<string, Partial<Ingestion> & { readonly shape?: string | undefined }>>
}

/** `landing:` in the configuration. */
export interface LandingConfig {
  readonly prefix: string
  readonly template: string
}

export const INGESTION_DEFAULTS: IngestionConfig = { ...STRICT_INGESTION, unknown_columns: 'bronze/_unknown_cols', drift: 'meta/schema_drift', checkpoints: '_checkpoints/kafka', sources: {} }

/** How the files of one source table are held to their contract. */
export function ingestionFor({ mode, on_unknown_column, sources }: IngestionConfig, { source, table }: Pick<Contract, 'source' | 'table'>): Ingestion {
  const { shape: _, ...own } = { mode, on_unknown_column, ...sources[source], ...sources[`${source}/${table}`] }
  return own
}

/** The contract to go by where the source's system is another: `crm_contacts_bronze` becomes `hubspot_contacts_bronze` with `crm: { shape: hubspot }`. */
export function contractNameFor({ sources }: IngestionConfig, name: string): string {
  const found = Object.entries(sources).find(([source, { shape }]) => shape !== undefined && name.startsWith(`${source.replace('/', '_')}_`))
  return found ? `${found[1].shape}_${name.slice(found[0].split('/')[0]!.length + 1)}` : name
}

const MODE = { enum: ['schema_on_write', 'schema_on_read'] } as const
const ON_UNKNOWN = { enum: ['quarantine', 'drop', 'fail'] } as const

/** A folder below the lake: no way out of it, nothing absolute. */
const PATH = { type: 'string', pattern: '^(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\\\\\0]+$' } as const

export const INGESTION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    mode: MODE, on_unknown_column: ON_UNKNOWN, unknown_columns: PATH, drift: PATH, checkpoints: PATH,
    sources: {
      type: 'object',
      propertyNames: { pattern: '^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?$' },
      additionalProperties: { type: 'object', additionalProperties: false, properties: { mode: MODE, on_unknown_column: ON_UNKNOWN, shape: { type: 'string', pattern: '^[a-z][a-z0-9]*$' } } },
    },
  },
} as const

/** A batch has a folder of its own: without the run in its path two would lie in one. */
export const LANDING_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    prefix: { type: 'string', pattern: '^(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\\\\\0{}]*$', default: 'landing' },
    template: { type: 'string', pattern: '^(?!/)(?=.*\\{run_id\\})(?!.*(^|/)\\.\\.(/|$))([^\\\\\\0{}]|\\{(source|table|asset|proc_date|run_id)\\})+$', default: '{source}/{table}/_proc_date={proc_date}/run_id={run_id}' },
  },
} as const
