import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { LakeState } from '../vocabulary/lake-state.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import { codeVersion, type CodeVersion } from '../vocabulary/version.ts'
import { needsRebuild, writeVersionOf } from './code-version.ts'
import type { Situation } from './situation.ts'
import { unreadChange } from './column-scope.ts'
import { inputVersions } from './input-versions.ts'

/**
 * Compares what an asset without slices was last made from with what it would be made from now. No cause means fresh. The order is that of
 * `semantics.md` §2: the first leads.
 * @param before the upstreams that the plan writes earlier; empty when the question is asked for what is true now.
 */
export function staleCauses(situation: Situation, key: AssetKey, before: readonly AssetKey[] = []): readonly StaleCause[] {
  const { graph, state, codeVersions } = situation
  const definition = graph.get(key)
  if (definition.kind === 'external') return []
  const last = state.last(key)
  if (!last) return [{ code: 'missing' }]
  return [
    ...tampered(state, key),
    ...codeChanged(last, codeVersions.get(key)!, situation.variables).map(cause => (definition.write.mode === 'overwrite' ? cause : { ...cause, keeps: true as const })),
    ...writeChanged(last, definition),
    ...inputsChanged(situation, definition, last, before),
    ...sourceChanged(state, definition, last),
    ...(definition.volatile ? [{ code: 'volatile', because: 'it is declared volatile' } as const] : []),
    ...before.filter(upstream => upstream in last.inputs).map(upstream => ({ code: 'upstream', upstream }) as const),
  ]
}

function tampered(state: LakeState, key: AssetKey): StaleCause[] {
  const tampering = state.tamperingOf(key)
  if (!tampering) return []
  const { recorded, head, by } = tampering
  return [{ code: 'tampered', recorded, head, by }]
}

/** The logic, and the configured values that it read when it ran. */
export function codeChanged(last: Pick<Materialization, 'codeVersion' | 'variables'>, now: CodeVersion, variables: Situation['variables']): Extract<StaleCause, { code: 'code' }>[] {
  const read = Object.entries(last.variables ?? {})
  const changed = read.filter(([name, value]) => variables && JSON.stringify(variables[name]) !== value)
  if (last.codeVersion === now && changed.length === 0) return []
  if (changed.length === 0) return [{ code: 'code', was: last.codeVersion, now }]
  const values = (of: (name: string, was: string) => string) => changed.flatMap(([name, was]) => [name, of(name, was)])
  return [{ code: 'code', was: codeVersion(last.codeVersion, ...values((_, was) => was)), now: codeVersion(now, ...values(name => JSON.stringify(variables![name]) ?? '')) }]
}

function writeChanged(last: Materialization, definition: AssetDefinition): StaleCause[] {
  const now = writeVersionOf(definition)
  return last.write === now ? [] : [{ code: 'write', was: last.write, now, needs: needsRebuild(last.write, definition.write) ? 'rebuild' : 'nothing' }]
}

function inputsChanged(situation: Situation, { key }: AssetDefinition, last: Materialization, before: readonly AssetKey[]): StaleCause[] {
  const { graph, state } = situation
  const now = inputVersions(graph, state, key)
  const upstreams = Object.keys(now) as AssetKey[]
  const added = upstreams.filter(upstream => !(upstream in last.inputs))
  const removed = (Object.keys(last.inputs) as AssetKey[]).filter(upstream => !(upstream in now))
  const changed = upstreams.filter(upstream => upstream in last.inputs && last.inputs[upstream] !== now[upstream] && !before.includes(upstream) && !unreadChange(situation, key, upstream, last))
  return [
    ...(added.length + removed.length > 0 ? [{ code: 'dependencies', added, removed } as const] : []),
    ...changed.map(upstream => ({ code: 'data', upstream, was: last.inputs[upstream], now: now[upstream], by: state.last(upstream)?.run }) as const),
  ]
}

function sourceChanged(state: LakeState, definition: AssetDefinition, last: Materialization): StaleCause[] {
  if (definition.kind !== 'files') return []
  const seen = state.observationOf(definition.key)
  if (!seen || seen.dataVersion === last.dataVersion) return []
  if (!seen.dataVersion) return [{ code: 'volatile', because: `the state of ${seen.what} can't be told` }]
  return [{ code: 'data', upstream: definition.key, was: last.dataVersion, now: seen.dataVersion, what: seen.what }]
}
