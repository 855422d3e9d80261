import type { AssetGraph } from '../graph/asset-graph.ts'
import { InvertedRange } from '../partitions/partition-errors.ts'
import type { PlanRequest } from '../planning/planner.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { ChosenSlices } from './slice-chooser.ts'

/**
 * Which stamps of its source a request means for an asset that reads only what is new. Undefined where the request says nothing of time, or an
 * asset of it has slices: then its words mean those, and such assets read what is new.
 */
export function stampedChooser(graph: AssetGraph, keys: readonly AssetKey[], { partitions, between }: ChosenSlices): PlanRequest['stamped'] {
  if (!between || partitions?.length || keys.some(key => graph.get(key).partitions) || !keys.some(key => graph.get(key).incremental)) return undefined
  const chosen = new Set(keys)
  const range = { from: instantOf(between.from), to: instantOf(between.to) }
  if (range.from >= range.to) throw new InvertedRange(between.from, between.to)
  return key => (chosen.has(key) && graph.get(key).incremental ? range : undefined)
}

/** @throws {NoInstant} */
function instantOf(text: string): string {
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(at) || (text.length === 10 && !new Date(at).toISOString().startsWith(text))) throw new NoInstant(text)
  return new Date(at).toISOString()
}

export class NoInstant extends ExplainedError {
  readonly code = 'project/no-instant'
  readonly hint = 'Write a day, which begins at midnight UTC, or an instant with its zone: 2026-03-01, 2026-03-01T06:00:00Z.'
  constructor(readonly text: string) {
    super(`${JSON.stringify(text)} is no instant.`)
  }
}
