import { ledgerShape, withOwnCommit, withUpstreamCommit } from '../graph/ledger-replay.ts'
import { emptyLedger } from '../partitions/slice-ledger.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import { hasSlices } from './planner.ts'
import type { Situation } from './situation.ts'

/** Takes what was just made into the situation: into the state, into the ledger of the asset, and into those of what reads it slice by slice. */
export function recordMade({ graph, state, ledgers, world }: Situation, made: Materialization): void {
  state.record(made)
  const definition = graph.get(made.asset)
  if (!hasSlices(definition)) return
  ledgers.set(made.asset, withOwnCommit(ledgers.get(made.asset) ?? emptyLedger(ledgerShape(graph, definition)), graph, definition, made))
  for (const key of graph.downstreamKeysOf(made.asset)) {
    const reader = graph.get(key)
    const ledger = ledgers.get(key)
    if (ledger && hasSlices(reader)) ledgers.set(key, withUpstreamCommit(ledger, graph, reader, made, world))
  }
}
