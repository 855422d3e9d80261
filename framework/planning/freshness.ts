import type { FreshnessState } from '../graph/selection-syntax.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { fails, warns, type Crossing, type FreshnessRule } from './freshness-rule.ts'

/** What is known of how new an asset is. */
export type FreshnessEvidence =
  /** `newest` in milliseconds since 1970; absent where nothing was ever made, or the column holds no value. */
  | { readonly clock: 'event' | 'data'; readonly newest?: number | undefined }
  /** It could not be found out. */
  | { readonly clock: 'failed'; readonly why: string }

/** Whether an asset is as new as its policy wants. */
export interface Freshness {
  readonly asset: AssetKey
  readonly rule?: FreshnessRule | undefined
  readonly state: FreshnessState
  /** What the age counts from: the greatest value of a column, or the newest materialization. */
  readonly clock: 'event' | 'data'
  readonly newest?: number | undefined
  /** Never below 0: rows from the future are new. */
  readonly ageMs?: number | undefined
  /** The limit that was crossed; while there is none, the next. */
  readonly limit?: Crossing['limit'] | undefined
  /** When the state will change if nothing newer comes. Absent: it will not. */
  readonly until?: number | undefined
  /** Of what is too old or unknown: the upstream, however far up, that has nothing newer for it. Absent: it is the asset itself. */
  readonly blame?: AssetKey | undefined
  /** Why nothing is known. */
  readonly why?: string | undefined
  /** Nothing is known because looking failed. */
  readonly probeFailed?: true | undefined
}

/** Everything that a look at freshness needs to know. */
export interface FreshnessQuestion {
  readonly upstreamKeysOf: (asset: AssetKey) => readonly AssetKey[]
  readonly rules: ReadonlyMap<AssetKey, FreshnessRule>
  /** Of every asset that can be told of: an external table without a column is not among them. */
  readonly evidence: ReadonlyMap<AssetKey, FreshnessEvidence>
  readonly now: number
}

/** The freshness of these assets. A pure function: the same evidence at the same time gives the same answer. */
export function freshness(keys: readonly AssetKey[], question: FreshnessQuestion): readonly Freshness[] {
  const known = new Map<AssetKey, Freshness>()
  const of = (asset: AssetKey): Freshness => {
    let found = known.get(asset)
    if (!found) known.set(asset, (found = freshnessOf(asset, question.rules.get(asset), question.evidence.get(asset) ?? { clock: 'event' }, question.now)))
    return found
  }
  return keys.map(key => {
    const found = of(key)
    const blame = isTrouble(found) ? blamed(found, of, question) : undefined
    return blame === undefined ? found : { ...found, blame }
  })
}

/** One asset by itself. */
export function freshnessOf(asset: AssetKey, rule: FreshnessRule | undefined, evidence: FreshnessEvidence, now: number): Freshness {
  const clock = evidence.clock === 'failed' ? (rule?.column === undefined ? 'event' : 'data') : evidence.clock
  if (evidence.clock === 'failed') return { asset, rule, state: rule ? 'unknown' : 'none', clock, ...(rule && { why: evidence.why, probeFailed: true as const }) }
  const { newest } = evidence
  const age = newest === undefined ? {} : { newest, ageMs: Math.max(0, now - newest) }
  if (!rule) return { asset, state: 'none', clock, ...age }
  if (newest === undefined) return { asset, rule, state: 'unknown', clock, why: clock === 'data' ? `${rule.column} holds no value` : 'it was never materialized' }
  const [warn, fail] = [warns(rule, newest), fails(rule, newest)]
  const found = { asset, rule, clock, ...age }
  if (fail && now >= fail.at) return { ...found, state: 'fail', limit: fail.limit }
  if (warn && now >= warn.at) return { ...found, state: 'warn', limit: warn.limit, until: fail?.at }
  const next = warn && (!fail || warn.at < fail.at) ? warn : fail
  return { ...found, state: 'pass', limit: next?.limit, until: next?.at }
}

const isTrouble = ({ state }: Freshness): boolean => state === 'warn' || state === 'fail' || state === 'unknown'

/** Up from what is in trouble, to the last asset that is so because of nothing above it. */
function blamed(trouble: Freshness, of: (asset: AssetKey) => Freshness, { upstreamKeysOf, evidence }: FreshnessQuestion): AssetKey | undefined {
  let blame: AssetKey | undefined
  for (let at = trouble; ;) {
    const above = upstreamKeysOf(at.asset).filter(upstream => evidence.has(upstream)).map(of).filter(upstream => holdsBack(upstream, at))
    const oldest = above.sort((a, b) => (a.newest ?? -Infinity) - (b.newest ?? -Infinity))[0]
    if (!oldest) return blame
    blame = oldest.asset
    at = oldest
  }
}

/** What has a policy is held to it. What has none holds others back where it brought nothing since they were made. */
function holdsBack(upstream: Freshness, trouble: Freshness): boolean {
  if (upstream.rule) return isTrouble(upstream)
  return upstream.newest === undefined ? trouble.newest === undefined : trouble.newest !== undefined && upstream.newest <= trouble.newest
}
