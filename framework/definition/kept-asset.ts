import type { SqlFragment, SqlValue } from '../vocabulary/sql.ts'
import { isColumn, isFragment, isTable, isType } from '../vocabulary/sql.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { Secret } from '../vocabulary/secret.ts'
import type { Partitions } from '../partitions/partitions.ts'
import type { AssetDefinition, UpstreamDefinition } from './asset-definition.ts'
import type { CheckDefinition } from './check-definition.ts'

/**
 * A SQL asset as JSON: what its class comes to, with the queries of its checks. Whoever has it needs the class no more, as long as the class would come to
 * the same. It has the fields of the definition that it becomes.
 */
export interface KeptAsset extends Omit<AssetDefinition, 'upstreams' | 'partitions' | 'checks' | 'body' | 'kind' | 'batch'> {
  readonly kind: 'sql'
  /** Below 0 for all. */
  readonly batch: number
  /** As JSON, so that equal ones become one object. Likewise the checks, which are only looked into when somebody asks. */
  readonly partitions?: string | undefined
  readonly checks?: string | undefined
  readonly upstreams: readonly (Omit<UpstreamDefinition, 'asset'> & { readonly asset: AssetKey })[]
}

/**
 * @param query what its `query()` gives, whatever it is asked with
 * @param violations what the method of a check gives
 * @returns the asset and its query as JSON; undefined where either holds something that is no plain data
 */
export function keepAsset(definition: AssetDefinition, query: SqlFragment, violations: (check: CheckDefinition) => SqlFragment): { readonly asset: KeptAsset; readonly query: string } | undefined {
  const { key, description, upstreams, write, incremental, stream, partitions, batch, checks, contract, columns, freshness, automation, retry, owners, tags, waivers, lineage, group, codeVersion, volatile, declaredAs, place } = definition
  try {
    const plainChecks = checks.map(check => (check.rule.kind === 'method' ? { ...check, rule: { kind: 'method', $violations: written(violations(check)) } } : written(check)))
    return {
      // Field by field, as in `placedDefinition`.
      asset: {
        key, kind: 'sql', description, declaredAs, codeVersion, contract, group, volatile, batch: batch === Infinity ? -1 : batch,
        write: plain(write), incremental: plain(incremental), stream: plain(stream), columns: plain(columns), freshness: plain(freshness), automation: plain(automation), retry: plain(retry), owners: plain(owners), tags: plain(tags),
        waivers: plain(waivers), lineage: plain(lineage), place: plain(place),
        partitions: partitions && JSON.stringify(plain(partitions)),
        upstreams: upstreams.map(({ property, mapping, asset }) => ({ property, mapping: plain(mapping), asset: asset() })),
        checks: checks.length > 0 ? JSON.stringify(plainChecks) : undefined,
      } satisfies { readonly [Name in keyof Required<KeptAsset>]: KeptAsset[Name] },
      query: JSON.stringify(written(query)),
    }
  } catch (error) {
    if (error instanceof NotPlain) return undefined
    throw error
  }
}

/**
 * The definition again: it is the kept asset itself, filled in, since of ten thousand a copy of each costs more than reading it did.
 * @param query its query as JSON, which is only asked for when somebody renders it
 */
export function keptDefinition(kept: KeptAsset, query: () => string): AssetDefinition {
  let fragment: SqlFragment | undefined
  const body = { kind: 'sql' as const, query: () => (fragment ??= read(JSON.parse(query())) as SqlFragment) }
  const { batch, partitions, checks, upstreams } = kept
  const definition = kept as unknown as Filling
  definition.batch = batch < 0 ? Infinity : batch
  definition.partitions = partitions === undefined ? undefined : once(PARTITIONS, partitions, text => JSON.parse(text) as Partitions)
  definition.checks = checks === undefined ? NO_CHECKS : once(CHECKS, checks, text => (JSON.parse(text) as object[]).map(checkOf))
  for (const upstream of upstreams) {
    const key = upstream.asset
    ;(upstream as unknown as Mutable<UpstreamDefinition>).asset = () => key
  }
  definition.body = () => body
  return Object.freeze(definition)
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }
type Filling = Mutable<AssetDefinition>
const NO_CHECKS: readonly CheckDefinition[] = Object.freeze([])

function checkOf(text: object): CheckDefinition {
  const { rule } = text as { rule: { $violations?: unknown } }
  if (rule.$violations === undefined) return Object.freeze(read(text) as CheckDefinition)
  const fragment = read(rule.$violations) as SqlFragment
  return Object.freeze({ ...(read({ ...text, rule: undefined }) as CheckDefinition), rule: Object.freeze({ kind: 'method', violations: () => fragment }) })
}

const CHECKS = new Map<string, readonly CheckDefinition[]>()
const PARTITIONS = new Map<string, Partitions>()

/** Assets that are cut alike share their calendar, and those that promise alike their promises: nobody changes either. */
function once<T>(known: Map<string, T>, text: string, read: (text: string) => T): T {
  const before = known.get(text)
  if (before !== undefined) return before
  if (known.size > 1000) known.clear()
  const value = read(text)
  known.set(text, value)
  return value
}

class NotPlain extends Error {}

/** The value itself, if JSON holds all of it. */
function plain<T>(value: T): T {
  requirePlain(value)
  return value
}

function requirePlain(value: unknown): void {
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return
  if (typeof value !== 'object' || !(Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)) throw new NotPlain()
  if (Array.isArray(value) && value.includes(undefined)) throw new NotPlain()
  for (const each of Object.values(value)) requirePlain(each)
}

/** With what JSON has no words for under names that begin with `$`. A function is a thunk of an asset's key: checks hold no others. */
function written(value: unknown): unknown {
  if (isFragment(value)) {
    const { strings, values, masks, own, ...more } = value
    if (Object.keys(more).length > 0) throw new NotPlain()
    return { $sql: strings, $values: values.map(writtenHole), ...(masks && { $masks: masks }), ...(own && { $own: Object.fromEntries(Object.entries(own).map(([dialect, each]) => [dialect, written(each)])) }) }
  }
  if (typeof value === 'function') {
    const key: unknown = (value as () => unknown)()
    if (typeof key !== 'string') throw new NotPlain()
    return { $key: key }
  }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value instanceof Date) return { $date: value.toISOString() }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  if (Array.isArray(value)) return value.map(each => (each === undefined ? notPlain() : written(each)))
  if (typeof value !== 'object' || value === null) return plain(value)
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.keys(value).some(name => name.startsWith('$'))) throw new NotPlain()
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined).map(([name, each]) => [name, written(each)]))
}

function writtenHole(value: SqlValue): unknown {
  if (value instanceof Secret) throw new NotPlain()
  if (isFragment(value)) return written(value)
  if (isTable(value)) return { $table: value.key }
  if (isColumn(value)) return { $column: value.column }
  if (isType(value)) return { $type: value.sqlType }
  return value === undefined ? notPlain() : written(value)
}

function notPlain(): never {
  throw new NotPlain()
}

function read(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(read)
  if (typeof value !== 'object' || value === null) return value
  const { $sql, $values, $masks, $own, $key, $bigint, $date, $number, $table, $column, $type } = value as Readonly<Record<string, never>>
  if ($sql !== undefined) return Object.freeze({ strings: $sql, values: ($values as unknown as unknown[]).map(read), ...($masks !== undefined && { masks: true }), ...($own !== undefined && { own: Object.fromEntries(Object.entries($own).map(([dialect, each]) => [dialect, read(each)])) }) })
  if ($key !== undefined) return () => $key
  if ($bigint !== undefined) return BigInt($bigint)
  if ($date !== undefined) return new Date($date)
  if ($number !== undefined) return Number($number)
  if ($table !== undefined) return Object.freeze({ key: $table })
  if ($column !== undefined) return Object.freeze({ column: $column })
  if ($type !== undefined) return Object.freeze({ sqlType: $type })
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, read(each)]))
}
