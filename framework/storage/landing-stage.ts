import { join } from 'node:path'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { Candidate, Provenance } from './candidate.ts'
import { confirm } from './confirmation.ts'
import type { Landing, SourceObservation } from './landing.ts'

export interface LandingStageRequest {
  readonly definition: AssetDefinition
  readonly landing: Landing
  /** The asset's folder in the lake. */
  readonly folder: string
  readonly observation: SourceObservation
  readonly last: Materialization | undefined
  readonly run: string
  readonly now: Date
  readonly signal: AbortSignal
}

/** Copies what a source has into the lake, as a batch that its manifest will publish. Bytes that are there already are not copied again. */
export async function stageLanding({ definition, landing, folder, observation, last, run, now, signal }: LandingStageRequest): Promise<Candidate> {
  const { key } = definition
  const next = (await landing.head(key)) + 1
  const unchanged = last !== undefined && last.dataVersion === observation.dataVersion && (await landing.intact(key, last.tableVersion))
  const batch = unchanged ? { folder: '', procDate: '', files: (await landing.manifest(key, last.tableVersion)).files } : await landing.stage(key, observation, run, now, signal)
  const records = batch.files.reduce((total, file) => total + (file.records ?? 0), 0)
  const bytes = batch.files.reduce((total, file) => total + file.bytes, 0)
  return {
    asset: key,
    dataVersion: observation.dataVersion!,
    counts: { rowsIn: records, rowsOut: records, rejected: 0 },
    rows: records,
    tableBytes: bytes,
    files: unchanged ? 0 : batch.files.length,
    bytes: unchanged ? 0 : bytes,
    sameAsBefore: unchanged,
    unchanged,
    relation: async () => undefined,
    facts: () => undefined,
    discard: async () => (unchanged ? undefined : landing.discard(key, batch)),
    async publish(provenance: Provenance) {
      if (!unchanged) return (await landing.publish(key, next, batch, provenance)).batch
      await confirm(join(folder, '_manifests'), { ...provenance, tableVersion: last.tableVersion })
      return last.tableVersion
    },
  }
}
