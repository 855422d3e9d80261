import type { ContainerInstance } from 'typedi'
import type { PartitionMapping } from '../partitions/mapping.ts'
import type { Partitions } from '../partitions/partitions.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Duration } from '../vocabulary/duration.ts'
import type { Place } from '../vocabulary/errors.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'
import type { AbstractAsset } from './abstract-asset.ts'
import type { AutomationCondition } from './automation-condition.ts'
import type { CheckDefinition } from './check-definition.ts'
import type { SourceFile } from './file-asset.ts'
import type { FreshnessPolicy } from './freshness-policy.ts'
import type { Incremental } from './incremental.ts'
import type { Difference, PublishContext } from './publish-asset.ts'
import type { QueryContext, RunContext } from './run-context.ts'
import type { Stream } from './stream.ts'
import type { WriteMode } from './write-mode.ts'

export type AssetClass<A extends AbstractAsset = AbstractAsset> = (new () => A) & { readonly prototype: A }

/** What makes the table. Closures over the one instance of the asset, so that nothing below needs its class. */
export type AssetBody =
  | { readonly kind: 'sql'; query(context: QueryContext): SqlFragment }
  | { readonly kind: 'rows'; readonly columns: Readonly<Record<string, string>>; rows(context: RunContext): Iterable<object> | AsyncIterable<object> }
  /** `text` is the script's, once the project has read it; `script` is its path. */
  | { readonly kind: 'spark'; readonly script: string; readonly text?: string | undefined; readonly columns: Readonly<Record<string, string>>; parameters(context: RunContext): Readonly<Record<string, string | number | boolean>> }
  | { readonly kind: 'files'; readonly optional: boolean; readonly malformed?: string | undefined; files(): Promise<readonly SourceFile[]> }
  | { readonly kind: 'external'; readonly location: string; readonly format: 'delta' | 'parquet' | 'csv' }
  | { readonly kind: 'publish'; publish(context: PublishContext): Promise<{ readonly rows: number }>; readonly reconcile?: ((context: PublishContext) => Promise<readonly Difference[]>) | undefined }

export type AssetKind = AssetBody['kind']

/** One edge of the graph: this asset reads that one. The other end is a thunk, since modules may import each other in a circle. */
export interface UpstreamDefinition {
  readonly property: string
  readonly asset: () => AssetKey
  /** Which slices of the upstream a slice of this asset reads. */
  readonly mapping: PartitionMapping
}

/** How often, and how patiently, a step is tried again. A broken promise is never retried. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly times: number
  /** Before the second attempt. */
  readonly delay: Duration
  /** `exponential` doubles the delay each time. */
  readonly backoff?: 'linear' | 'exponential' | undefined
}

/** All that the framework knows of an asset before it runs: plain data, built by the decorators or from YAML. */
export interface AssetDefinition {
  readonly key: AssetKey
  readonly kind: AssetKind
  readonly description: string
  readonly upstreams: readonly UpstreamDefinition[]
  readonly write: WriteMode
  /** How it reads only what is new in its source. */
  readonly incremental?: Incremental | undefined
  /** The topics that it takes in, and the columns that tell how far. */
  readonly stream?: Stream | undefined
  readonly partitions?: Partitions | undefined
  /** How many slices one query may make at once: 1, unless the author says that slices don't mix. */
  readonly batch: number
  readonly checks: readonly CheckDefinition[]
  readonly contract?: string | undefined
  /** The table's columns with their types, where the author declares them. */
  readonly columns?: Readonly<Record<string, string>> | undefined
  readonly freshness?: FreshnessPolicy | undefined
  /** When the daemon asks for it without a person. */
  readonly automation?: AutomationCondition | undefined
  readonly retry?: RetryPolicy | undefined
  readonly owners: readonly string[]
  readonly tags: readonly string[]
  /** Columns that may show personal data, each with the reason. */
  readonly waivers?: Readonly<Record<string, string>> | undefined
  /** Of an asset that TypeScript makes: the columns that each of its columns is made of, as `asset.column`. */
  readonly lineage?: Readonly<Record<string, readonly string[]>> | undefined
  readonly group?: string | undefined
  /** The author's word that the logic changed where the framework cannot see it. */
  readonly codeVersion?: string | undefined
  /** The same inputs may give another result: always stale. */
  readonly volatile: boolean
  /** The class's name, or the YAML file's: for messages. */
  readonly declaredAs: string
  /** Where it is declared, once the project's loader has told. */
  readonly place?: Place | undefined
  body(services: ContainerInstance): AssetBody
}

/** Whether it is made by us as a table of the lake. */
export const isTable = ({ kind }: Pick<AssetDefinition, 'kind'>): boolean => kind === 'sql' || kind === 'rows' || kind === 'spark'
