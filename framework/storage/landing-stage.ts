import { join } from 'node:path'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { ingestionOf, type Contract } from '../definition/contract.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { Candidate, Provenance } from './candidate.ts'
import { confirm } from './confirmation.ts'
import { driftInWords } from './drift.ts'
import type { DriftLog } from './drift-log.ts'
import type { Landing, ObservedFile, SourceObservation, StagedBatch } from './landing.ts'
import { keepUnknown } from './unknown-columns.ts'

export interface LandingStageRequest {
  readonly definition: AssetDefinition
  readonly contract: Contract | undefined
  readonly landing: Landing
  readonly drifts: DriftLog
  /** Where values of columns are kept that the contract does not know. */
  readonly unknown: { readonly place: string; readonly table: () => Promise<DeltaTable> } | undefined
  /** The asset's folder in the lake. */
  readonly folder: string
  readonly observation: SourceObservation
  readonly last: Materialization | undefined
  readonly run: string
  readonly now: Date
  readonly signal: AbortSignal
  readonly log: (message: string) => void
}

/** Copies what a source has into the lake, as a batch that its manifest will publish. Bytes that are there already are not copied again. */
export async function stageLanding(request: LandingStageRequest): Promise<Candidate> {
  const { definition, contract, landing, folder, observation, last, run, now, signal, log } = request
  const { key } = definition
  if (observation.refused) throw observation.refused
  const next = (await landing.head(key)) + 1
  const unchanged = last !== undefined && last.dataVersion === observation.dataVersion && (await landing.intact(key, last.tableVersion))
  const batch = unchanged ? { folder: '', procDate: '', files: (await landing.manifest(key, last.tableVersion)).files } : await landing.stage(key, observation, contract, run, now, signal)
  const records = batch.files.reduce((total, file) => total + (file.records ?? 0), 0)
  const bytes = batch.files.reduce((total, file) => total + file.bytes, 0)
  for (const note of leftOutOf(observation)) log(note)
  const drifted = observation.files.filter(({ drift }) => drift !== undefined)
  for (const { file, drift } of drifted) log(`${file.name} is unlike ${contract!.name}: ${driftInWords(drift!, contract!, request.unknown?.place ?? '')}`)
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
    held: [...(contract ? [asContract(definition, contract, drifted, request.unknown?.place ?? '')] : []), ...repetitions(definition, observation), ...leftOut(definition, observation)],
    facts: () => undefined,
    discard: async () => (unchanged ? undefined : landing.discard(key, batch)),
    async publish(provenance: Provenance) {
      if (unchanged) {
        await confirm(join(folder, '_manifests'), { ...provenance, tableVersion: last.tableVersion })
        return last.tableVersion
      }
      // First what the batch's readers will not see, so that no value is ever in neither: keeping it twice changes nothing.
      if (contract) await keepDrifted(request, contract, drifted, batch)
      return (await landing.publish(key, next, batch, provenance)).batch
    },
  }
}

/** What of a source is not taken in, and why, in words; also where what is taken in was landed before. */
export const leftOutOf = ({ repeated, left }: Pick<SourceObservation, 'repeated' | 'left'>): string[] => [
  ...repeated.map(({ name, sameAs }) => `${name} is skipped: its bytes are those of ${sameAs}`), ...left.map(({ name, problem }) => `${name} is left out: ${problem}`),
]

async function keepDrifted({ definition: { key }, landing, drifts, unknown, run, now }: LandingStageRequest, contract: Contract, drifted: readonly ObservedFile[], batch: StagedBatch): Promise<void> {
  const { mode, on_unknown_column } = ingestionOf(contract)
  const withUnknown = drifted.filter(({ drift }) => drift!.added.length > 0)
  if (unknown && withUnknown.length > 0 && mode === 'schema_on_write' && on_unknown_column === 'quarantine') {
    const files = withUnknown.map(({ sha256, drift }) => ({ sha256, columns: drift!.added, relation: landing.relation(key, { ...batch, files: batch.files.filter(file => file.sha256 === sha256) }, contract.columns.map(({ name }) => name)) }))
    await keepUnknown(await unknown.table(), key, contract, files, run, now.toISOString())
  }
  for (const { file, sha256, records, samples, drift } of drifted) {
    await drifts.record(key, contract, { name: file.name, sha256, rows: records, drift: drift!, shapes: Object.fromEntries(Object.entries(samples).map(([name, { shapes }]) => [name, shapes])) }, run, now)
  }
}

/** The promise of every landing asset with a contract: it only tells, since what must not come was refused before. */
function asContract({ key }: AssetDefinition, contract: Contract, drifted: readonly ObservedFile[], place: string): CheckResult {
  const { name } = contract
  const detail = drifted.map(({ file, drift }) => `${file.name}: ${driftInWords(drift!, contract, place)}`).join('. ')
  const rows = drifted.reduce((total, { records }) => total + (records ?? 0), 0)
  return { asset: key, check: `columns are as ${name} says`, severity: 'warn', passed: drifted.length === 0, failingRows: rows, proof: 'query', durationMs: 0, ...(detail !== '' && { detail }) }
}

function repetitions({ key }: AssetDefinition, { repeated, files }: SourceObservation): CheckResult[] {
  if (repeated.length === 0) return []
  const rows = repeated.reduce((total, { sameAs }) => total + (files.find(({ file }) => file.name === sameAs)?.records ?? 0), 0)
  return [{ asset: key, check: 'no file comes twice', severity: 'warn', passed: false, failingRows: rows, proof: 'query', rejects: { how: 'drop', of: rows + files.reduce((total, { records }) => total + (records ?? 0), 0) }, durationMs: 0 }]
}

function leftOut({ key }: AssetDefinition, { left }: SourceObservation): CheckResult[] {
  if (left.length === 0) return []
  return [{ asset: key, check: 'every file can be read', severity: 'warn', passed: false, failingRows: 1, proof: 'query', durationMs: 0, detail: left.map(({ problem }) => problem).join(' ') }]
}
