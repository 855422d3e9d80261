import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { LakeState } from '../vocabulary/lake-state.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import { codeVersion, type CodeVersion } from '../vocabulary/version.ts'
import { needsRebuild, writeVersionOf } from './code-version.ts'
import type { Situation } from './situation.ts'
import { unreadChange } from './column-scope.ts'
import { currentVersion } from './input-versions.ts'

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
  const causes: StaleCause[] = []
  tampered(causes, state, key)
  codeChanged(causes, last, codeVersions.get(key)!, situation.variables, definition.write.mode === 'overwrite' ? undefined : { keeps: true })
  writeChanged(causes, last, definition)
  inputsChanged(causes, situation, definition, last, before)
  sourceChanged(causes, state, definition, last)
  if (definition.volatile) causes.push({ code: 'volatile', because: 'it is declared volatile' })
  for (const upstream of before) if (upstream in last.inputs) causes.push({ code: 'upstream', upstream })
  return causes
}

// Of most assets there is nothing to tell: each of these adds to one list, so that an asset without a cause costs no lists.

export function tampered(causes: StaleCause[], state: LakeState, key: AssetKey): void {
  const tampering = state.tamperingOf(key)
  if (tampering) causes.push({ code: 'tampered', recorded: tampering.recorded, head: tampering.head, by: tampering.by })
}

/** The logic, and the configured values that it read when it ran. */
export function codeChanged(causes: StaleCause[], last: Pick<Materialization, 'codeVersion' | 'variables'>, now: CodeVersion, variables: Situation['variables'], keeps?: { readonly keeps: true }): void {
  const changed = last.variables && variables ? Object.entries(last.variables).filter(([name, value]) => JSON.stringify(variables[name]) !== value) : []
  if (last.codeVersion === now && changed.length === 0) return
  if (changed.length === 0) return void causes.push({ code: 'code', was: last.codeVersion, now, ...keeps })
  const values = (of: (name: string, was: string) => string) => changed.flatMap(([name, was]) => [name, of(name, was)])
  causes.push({ code: 'code', was: codeVersion(last.codeVersion, ...values((_, was) => was)), now: codeVersion(now, ...values(name => JSON.stringify(variables![name]) ?? '')), ...keeps })
}

function writeChanged(causes: StaleCause[], last: Materialization, definition: AssetDefinition): void {
  const now = writeVersionOf(definition)
  if (last.write !== now) causes.push({ code: 'write', was: last.write, now, needs: needsRebuild(last.write, definition.write) ? 'rebuild' : 'nothing' })
}

function inputsChanged(causes: StaleCause[], situation: Situation, { key }: AssetDefinition, last: Materialization, before: readonly AssetKey[]): void {
  const { graph, state } = situation
  const upstreams = graph.upstreamKeysOf(key)
  const added = upstreams.filter(upstream => !(upstream in last.inputs))
  const consumed = Object.keys(last.inputs) as AssetKey[]
  const removed = consumed.length + added.length === upstreams.length ? [] : consumed.filter(upstream => !upstreams.includes(upstream))
  if (added.length + removed.length > 0) causes.push({ code: 'dependencies', added, removed })
  for (const upstream of upstreams) {
    const was = last.inputs[upstream]
    if (was === undefined) continue
    const now = currentVersion(graph, state, upstream)
    if (was !== now && !before.includes(upstream) && !unreadChange(situation, key, upstream, last)) causes.push({ code: 'data', upstream, was, now, by: state.last(upstream)?.run })
  }
}

function sourceChanged(causes: StaleCause[], state: LakeState, definition: AssetDefinition, last: Materialization): void {
  if (definition.kind !== 'files') return
  const seen = state.observationOf(definition.key)
  if (!seen || seen.dataVersion === last.dataVersion) return
  if (seen.refused) causes.push({ code: 'volatile', because: seen.refused.message })
  else if (!seen.dataVersion) causes.push({ code: 'volatile', because: `the state of ${seen.what} can't be told` })
  else causes.push({ code: 'data', upstream: definition.key, was: last.dataVersion, now: seen.dataVersion, what: seen.what })
}
