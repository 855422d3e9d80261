import 'reflect-metadata'
import type { ContainerInstance } from 'typedi'
import type { Partitions } from '../partitions/partitions.ts'
import { assetKey, type AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { AbstractAsset } from './abstract-asset.ts'
import { assetInstance } from './asset-instance.ts'
import type { AssetBody, AssetClass, AssetDefinition, AssetKind, RetryPolicy } from './asset-definition.ts'
import type { AutomationCondition } from './automation-condition.ts'
import type { CheckDefinition } from './check-definition.ts'
import type { MethodCheckOptions } from './check.ts'
import { draftOf } from './draft.ts'
import { ExternalAsset } from './external-asset.ts'
import { FileAsset } from './file-asset.ts'
import type { FreshnessPolicy } from './freshness-policy.ts'
import { checkIncremental, type Incremental } from './incremental.ts'
import { promise } from './promise.ts'
import { PublishAsset } from './publish-asset.ts'
import { RowAsset } from './row-asset.ts'
import { checkStream, type Stream } from './stream.ts'
import { SqlAsset } from './sql-asset.ts'
import { SparkAsset } from './spark-asset.ts'
import { slicePromises } from './slice-promises.ts'
import { promisesOf } from './write-mode-checks.ts'
import { overwrite, type WriteMode } from './write-mode.ts'

export interface AssetOptions {
  /** The asset's address, as in `gold/customer_360`. It matches the file's path under assets/. */
  readonly key: string
  /** How what the asset makes becomes the next version of its table. Default: `overwrite()`. */
  readonly write?: WriteMode
  /** Of an asset that merges: read only what is new in its source, by the column that stamps it. */
  readonly incremental?: Incremental
  /** Of an asset that takes in messages: how far it has read its topics, by these columns. */
  readonly stream?: Stream
  /** How the table is cut into slices, each made and remembered by itself. Default: it is made as a whole. */
  readonly partitions?: Partitions
  /** How many slices one query may make at once, or 'all'. Say more than 1 where no row of one slice depends on rows of another. Default: 1. */
  readonly batch?: number | 'all'
  /** The table's columns with their types. Needed only of a SqlAsset that reads its own earlier slices. */
  readonly columns?: Readonly<Record<string, string>>
  /** Promises about the table. Those of severity `error` are held before the version is published. */
  readonly checks?: readonly CheckDefinition[]
  /** The name of a file in config/schema_definitions/, without its ending. */
  readonly contract?: string
  /** How old the data may get before someone should know. */
  readonly freshness?: FreshnessPolicy
  /** When the daemon has it made without a person asking: `eager()`, `onCron('0 6 * * *', 'Europe/Berlin')`, `onMissing()`, or what is put together from the parts. */
  readonly automation?: AutomationCondition
  readonly retry?: RetryPolicy
  readonly owners?: readonly string[]
  readonly tags?: readonly string[]
  /**
   * Columns that may hold personal data unmasked in a guarded layer (gold and serve, unless configured otherwise), each with the reason:
   * `waivers: { email: 'The newsletter needs it; agreed with the data protection officer on 2026-02-01.' }`.
   */
  readonly waivers?: Readonly<Record<string, string>>
  /** Of an asset that TypeScript makes: what its columns are made of, as in `{ score: ['silver/customers.age'] }`. A query tells it by itself. */
  readonly lineage?: Readonly<Record<string, readonly string[]>>
  readonly group?: string
  /** What one row is. Default: the doc comment above the class. */
  readonly description?: string
  /** Says that the logic changed where the framework cannot see it: a model file, a remote procedure. */
  readonly codeVersion?: string
  /** The same inputs may give another result, so that the asset is never fresh. */
  readonly volatile?: boolean
}

const DEFINITION = Symbol.for('varve.definition')

/** Declares the class to be an asset. */
export function Asset(options: AssetOptions) {
  return <A extends AbstractAsset>(assetClass: AssetClass<A>): void => {
    const key = assetKey(options.key)
    const { upstreams, checks } = draftOf(assetClass.prototype)
    Object.defineProperty(assetClass.prototype, 'key', { value: key })
    const definition = definitionFrom(options, {
      kind: kindOf(assetClass),
      upstreams: upstreams.map(({ property, asset, mapping }) => ({ property, mapping, asset: once(() => keyOf(asset as unknown, key, property)) })),
      checks: checks.map(({ name, options }) => methodCheck(assetClass, name, options)),
      declaredAs: assetClass.name,
      body: (services: ContainerInstance) => bodyOf(assetInstance(assetClass, services)),
    })
    declareAsset(assetClass, definition)
  }
}

/** Makes the class known as that of the asset. */
export const declareAsset = (assetClass: AssetClass, definition: AssetDefinition): void => Reflect.defineMetadata(DEFINITION, definition, assetClass)

/** What an author does not write as an option, since a class or a file tells it. */
export interface Declared extends Pick<AssetDefinition, 'kind' | 'upstreams' | 'declaredAs' | 'body' | 'place'> {
  /** Besides those among the options. */
  readonly checks?: readonly CheckDefinition[]
}

/** An asset by its options and by what declares it. */
export function definitionFrom(options: AssetOptions, { checks = [], ...declared }: Declared): AssetDefinition {
  const key = assetKey(options.key)
  const write = options.write ?? overwrite()
  checkIncremental(key, options.incremental, write)
  checkStream(key, options.stream, write)
  if (write.mode === 'scd2' && options.partitions) throw new HistoryInSlices(key)
  return Object.freeze({
    key,
    description: options.description ?? '',
    write,
    incremental: options.incremental,
    stream: options.stream,
    partitions: options.partitions,
    batch: options.batch === 'all' ? Infinity : (options.batch ?? 1),
    checks: [...(options.checks ?? []), ...checks, ...promisesOf(key, write), ...slicePromises(options.partitions)],
    contract: options.contract,
    columns: options.columns,
    freshness: options.freshness,
    automation: options.automation,
    retry: options.retry,
    owners: options.owners ?? [],
    tags: options.tags ?? [],
    waivers: options.waivers,
    lineage: options.lineage,
    group: options.group,
    codeVersion: options.codeVersion,
    volatile: options.volatile ?? false,
    ...declared,
  })
}

/** The definition of what is an asset's class; undefined of all else. */
export const definitionIn = (value: unknown): AssetDefinition | undefined => (typeof value === 'function' ? (Reflect.getOwnMetadata(DEFINITION, value) as AssetDefinition | undefined) : undefined)

export const isAssetClass = (value: unknown): value is AssetClass => definitionIn(value) !== undefined

/** @throws {NotAnAsset} where the class lacks its decorator. */
export function definitionOf(assetClass: AssetClass): AssetDefinition {
  if (!isAssetClass(assetClass)) throw new NotAnAsset((assetClass as { name?: string }).name ?? String(assetClass))
  return Reflect.getOwnMetadata(DEFINITION, assetClass) as AssetDefinition
}

function keyOf(asset: unknown, reader: AssetKey, property: string): AssetKey {
  if (typeof asset !== 'function') throw new UpstreamIsNoThunk(reader, property, asset)
  const assetClass = called(asset as () => unknown, reader, property)
  if (!assetClass) throw new UpstreamNotLoaded(reader, property)
  if (!isAssetClass(assetClass)) throw new UpstreamIsNoAsset(reader, property, assetClass)
  return definitionOf(assetClass).key
}

function called(thunk: () => unknown, reader: AssetKey, property: string): unknown {
  try {
    return thunk()
  } catch (error) {
    throw new UpstreamNotLoaded(reader, property, error as Error)
  }
}

/** Found out when it is first asked for: modules may import each other in a circle, so that it can't be earlier. */
function once<T>(find: () => T): () => T {
  let found: T | undefined
  return () => (found ??= find())
}

function kindOf(assetClass: AssetClass): AssetKind {
  const { prototype } = assetClass
  if (prototype instanceof SqlAsset) return 'sql'
  if (prototype instanceof RowAsset) return 'rows'
  if (prototype instanceof SparkAsset) return 'spark'
  if (prototype instanceof FileAsset) return 'files'
  if (prototype instanceof ExternalAsset) return 'external'
  if (prototype instanceof PublishAsset) return 'publish'
  throw new NotAKind(assetClass.name)
}

function bodyOf(asset: AbstractAsset): AssetBody {
  if (asset instanceof SqlAsset) return { kind: 'sql', query: context => asset.query(context) }
  if (asset instanceof RowAsset) return { kind: 'rows', columns: asset.columns as Record<string, string>, rows: context => asset.rows(context) as AsyncIterable<object> }
  if (asset instanceof SparkAsset) return { kind: 'spark', script: asset.script, columns: asset.columns, parameters: context => asset.parameters(context) }
  if (asset instanceof FileAsset) return { kind: 'files', optional: asset.optional, malformed: asset.malformed, files: async () => asset.files() }
  if (asset instanceof ExternalAsset) return { kind: 'external', location: asset.location, format: asset.format }
  if (asset instanceof PublishAsset) return { kind: 'publish', publish: context => asset.publish(context), reconcile: asset.reconcile && (context => asset.reconcile!(context)) }
  throw new NotAKind(asset.constructor.name)
}

function methodCheck(assetClass: AssetClass, name: string, options: MethodCheckOptions): CheckDefinition {
  return promise(name, { kind: 'method', violations: services => (assetInstance(assetClass, services) as unknown as Record<string, () => never>)[name]!() }, options)
}

export class NotAnAsset extends ExplainedError {
  readonly code = 'definition/not-an-asset'
  readonly hint: string
  constructor(className: string) {
    super(`${className} is used as an asset, but is not decorated as one.`)
    this.hint = `Write @Asset({ key: '…' }) above class ${className}.`
  }
}

export class NotAKind extends ExplainedError {
  readonly code = 'definition/not-a-kind'
  readonly hint = 'Extend SqlAsset, RowAsset, SparkAsset, FileAsset, ExternalAsset or PublishAsset.'
  constructor(className: string) {
    super(`${className} is decorated as an asset, but extends none of the kinds of asset.`)
  }
}

export class UpstreamNotLoaded extends ExplainedError {
  readonly code = 'definition/upstream-not-loaded'
  readonly hint = 'The import gave undefined: look for a misspelt export, or for two modules that import each other and use the class at once. An upstream is always a thunk: @Upstream(() => Orders).'
  constructor(readonly asset: AssetKey, property: string, override readonly cause?: Error) {
    super(`${asset} declares the upstream "${property}", but its class is not there${cause ? `: ${cause.message}` : ''}.`)
  }
}

export class UpstreamIsNoThunk extends ExplainedError {
  readonly code = 'definition/upstream-is-no-thunk'
  readonly hint = 'Import the asset\'s class and hand it over in a function: @Upstream(() => Orders) readonly orders!: Orders'
  constructor(readonly asset: AssetKey, property: string, given: unknown) {
    super(`${asset} declares the upstream "${property}" by ${shown(given)} and not by a function that answers its class.`)
  }
}

export class UpstreamIsNoAsset extends ExplainedError {
  readonly code = 'definition/not-an-asset'
  readonly hint: string
  constructor(readonly asset: AssetKey, property: string, given: unknown) {
    const name = typeof given === 'function' ? given.name : undefined
    super(`${asset} declares the upstream "${property}" as ${name ?? shown(given)}, which is no asset.`)
    this.hint = name === undefined ? 'An upstream is the class of an asset: @Upstream(() => Orders) readonly orders!: Orders' : `Write @Asset({ key: '…' }) above class ${name}.`
  }
}

const shown = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value))

export class HistoryInSlices extends ExplainedError {
  readonly code = 'definition/history-in-slices'
  readonly hint = 'A version may span many slices. Leave out `partitions`, or write with merge().'
  constructor(readonly asset: AssetKey) {
    super(`${asset} is written by scd2 and cut into slices, which do not go together.`)
  }
}
