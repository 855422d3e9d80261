import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { Difference } from '../definition/publish-asset.ts'
import { variableOf } from '../definition/run-context.ts'
import type { Situation } from '../planning/situation.ts'
import { withSent } from '../storage/publication-stage.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Parts } from './parts.ts'

/** How a sink stands to the lake. */
export interface ReconciledSink {
  readonly key: AssetKey
  /** Nothing was ever published: there is nothing to compare. */
  readonly missing: boolean
  readonly differences: readonly Difference[]
}

/** Compares sinks with the tables of the lake that they are made of, part by part. Writes nothing. */
export async function reconcileSinks(definitions: readonly AssetDefinition[], situation: Situation, { store, frame, database, clock }: Parts, signal: AbortSignal): Promise<readonly ReconciledSink[]> {
  const sinks: ReconciledSink[] = []
  for (const definition of definitions) {
    const body = definition.body(frame.services)
    if (body.kind !== 'publish' || !body.reconcile) continue
    const { key } = definition
    const upstreams = situation.graph.upstreamKeysOf(key)
    if (!situation.state.last(key) || upstreams.some(upstream => !situation.state.last(upstream))) {
      sinks.push({ key, missing: true, differences: [] })
      continue
    }
    const context = { run: 'reconcile', now: clock.now(), signal, log: () => undefined, variable: (name: string) => variableOf(frame.config.variables, name), contract: undefined as never }
    const differences = await withSent({ context, inputs: await store.inputs(definition, upstreams, undefined, situation), database }, sent => body.reconcile!(sent))
    sinks.push({ key, missing: false, differences })
  }
  return sinks
}
