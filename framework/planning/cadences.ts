import type { AutomationCondition } from '../definition/automation-condition.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Cadence } from './freshness-rule.ts'

/** What has a say in when assets are made. */
export interface CadenceSources {
  /** Upstreams first. */
  readonly keys: readonly AssetKey[]
  readonly upstreamKeysOf: (asset: AssetKey) => readonly AssetKey[]
  readonly conditionOf: (asset: AssetKey) => AutomationCondition | undefined
  readonly schedules: readonly (Cadence & { readonly keys: readonly AssetKey[] })[]
}

/** The times at which assets are made: those of their schedules, of their own conditions, and, where they follow their upstreams, of those. */
export function cadences({ keys, upstreamKeysOf, conditionOf, schedules }: CadenceSources): ReadonlyMap<AssetKey, readonly Cadence[]> {
  const found = new Map<AssetKey, readonly Cadence[]>()
  const scheduledAt = new Map<AssetKey, Cadence[]>()
  for (const { cron, timezone, keys: scheduled } of schedules) {
    for (const key of scheduled) {
      const times = scheduledAt.get(key)
      if (times) times.push({ cron, timezone })
      else scheduledAt.set(key, [{ cron, timezone }])
    }
  }
  for (const key of keys) {
    const scheduled = scheduledAt.get(key) ?? []
    const condition = conditionOf(key)
    if (scheduled.length === 0 && !condition) continue
    const own = [...scheduled, ...(condition ? cronsIn(condition) : [])]
    const followed = own.length === 0 && condition && follows(condition) ? upstreamKeysOf(key).flatMap(upstream => found.get(upstream) ?? []) : []
    const all = new Map([...own, ...followed].map(cadence => [`${cadence.timezone} ${cadence.cron}`, cadence]))
    if (all.size > 0) found.set(key, [...all.values()])
  }
  return found
}

/** The times of the clock that a condition goes by. */
export function cronsIn(condition: AutomationCondition): Cadence[] {
  if (condition.is === 'cronTickPassed') return [{ cron: condition.cron, timezone: condition.timezone }]
  return partsOf(condition).flatMap(cronsIn)
}

const follows = (condition: AutomationCondition): boolean => condition.is === 'upstreamUpdated' || partsOf(condition).some(follows)

function partsOf(condition: AutomationCondition): readonly AutomationCondition[] {
  if ('trigger' in condition) return [condition.trigger, condition.reset]
  if ('of' in condition) return 'is' in condition.of ? [condition.of] : condition.of
  return []
}
