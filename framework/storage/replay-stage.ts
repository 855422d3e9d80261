import { stagingFolder } from '../delta/adopt-files.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import { filesAt } from '../objects/lake-files.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { StepCounts } from '../vocabulary/run-event.ts'
import type { CodeVersion } from '../vocabulary/version.ts'
import type { Candidate } from './candidate.ts'
import type { LandedBatch } from './landed-batches.ts'
import { QUARANTINE } from './quarantine.ts'
import { stageTable, stageWhole, type TableStageRequest } from './table-stage.ts'

export interface Replay {
  readonly batches: readonly LandedBatch[]
  readonly scratch: (root: string) => Promise<DeltaTable>
  /** Lends what is needed to stage what a batch makes. */
  readonly batchRequest: <T>(batch: LandedBatch, work: (request: TableStageRequest) => Promise<T>) => Promise<T>
}

/**
 * Stages a table as the batches that landed make it one after the other, each by the write mode over what those before it came to: as if a
 * run had taken in each on the day on which it landed. That is done in a table of its own that nobody reads, whose rows then are the next
 * version in one commit.
 */
export async function stageReplay(request: TableStageRequest, { batches, scratch, batchRequest }: Replay): Promise<Candidate> {
  const { definition, signal } = request
  const root = stagingFolder(request.table.root)
  const [table, quarantine] = [await scratch(`${root}/table`), await scratch(`${root}/${QUARANTINE}`)]
  let last: Materialization | undefined
  let counts: Counts = { rowsIn: 0, rowsOut: 0, read: 0, accepted: 0, rejected: 0, deduplicated: 0 }
  const rejections: Rejections = new Map()
  try {
    for (const batch of batches) {
      signal.throwIfAborted()
      const made = await batchRequest(batch, part => stageTable({ ...part, table, quarantine, last, now: batch.at, rebuild: false, cuts: new Map(), release: undefined }))
      const { dataVersion, content, rows, tableBytes } = made
      const provenance = { asset: definition.key, run: 'replay', at: batch.at.toISOString(), codeVersion: '' as CodeVersion, write: '', inputs: {}, dataVersion, content, rows, bytes: tableBytes }
      last = { ...provenance, tableVersion: await made.publish(provenance) }
      counts = sum(counts, made.counts)
      add(rejections, made.rejections)
    }
    const whole = await table.snapshot()
    const aside = (await quarantine.head()) < 0 ? undefined : `select id, rules, row, source_file, source_row from (${await (await quarantine.snapshot()).scanSql()}) where settled_run is null`
    return await stageWhole(request, { relation: () => whole.scanSql(), aside, rowsIn: counts.rowsIn, counts, rejections })
  } finally {
    await filesAt(root).removeFolder(root)
  }
}

type Rejections = Map<string, { readonly how: 'quarantine' | 'drop'; readonly rows: number; readonly of: number }>

type Counts = { readonly [name in keyof StepCounts]-?: number }

const sum = (one: Counts, other: StepCounts): Counts => ({
  rowsIn: one.rowsIn + other.rowsIn, rowsOut: one.rowsOut + other.rowsOut, read: one.read + (other.read ?? 0), accepted: one.accepted + (other.accepted ?? 0),
  rejected: one.rejected + other.rejected, deduplicated: one.deduplicated + (other.deduplicated ?? 0),
})

function add(all: Rejections, some: Candidate['rejections']): void {
  for (const [name, { how, rows, of }] of some ?? []) {
    const known = all.get(name)
    all.set(name, { how, rows: rows + (known?.rows ?? 0), of: of + (known?.of ?? 0) })
  }
}
