import { rm } from 'node:fs/promises'
import type { Incremental } from '../definition/incremental.ts'
import { stagingFolder } from '../delta/adopt-files.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { StampedRange } from '../vocabulary/stamped-range.ts'
import type { Candidate, Provenance } from './candidate.ts'
import type { TableStageRequest } from './table-stage.ts'
import type { VersionedNote } from './versioned-note.ts'
import type { WatermarkRecord } from './watermark-mirror.ts'
import { relationOf } from './written.ts'

export interface IncrementalRequest {
  readonly incremental: Incremental
  /** From when on rows are read; undefined for all. */
  readonly since: Date | undefined
  /** In place of that: only rows that were stamped then. */
  readonly stamped: StampedRange | undefined
  readonly mirror: VersionedNote<WatermarkRecord>
  readonly log: (message: string) => void
  /** Stages the rows, once it is said which. */
  readonly stage: (request: TableStageRequest) => Promise<Candidate>
}

/** By this name the rows are found that the table would hold. */
const AFTER = 'varve after'

/** How many keys are listed of those that are missing. */
const LISTED = 100

/**
 * Stages what is new in a source, and tells what is there and was not read: rows stamped before the overlap that the table does not hold, or
 * holds in an older state. The candidate's watermark is the newest stamp in the table that is not in the future, so that it can be told
 * again from the table alone; where rows of a range are read again it stays.
 */
export async function stageIncremental(request: TableStageRequest, { incremental, since, stamped, mirror, log, stage }: IncrementalRequest): Promise<Candidate> {
  const by = quoteIdentifier(incremental.by)
  let whole = ''
  const write: TableStageRequest['write'] = (wrap, job) => request.write(async query => {
    whole = query
    const chosen = stamped ? `${by} >= ${quoteLiteral(new Date(stamped.from))} and ${by} < ${quoteLiteral(new Date(stamped.to))}` : since ? `${by} >= ${quoteLiteral(since)} or ${by} is null` : undefined
    const read = chosen === undefined ? query : `select * from (${query}) where ${chosen}`
    return wrap ? wrap(read) : read
  }, job)
  const candidate = await stage({ ...request, write, rowsIn: since || stamped ? undefined : request.rowsIn })
  try {
    const relation = await candidate.relation!()
    // What was read behind it is read again by the next run.
    const watermark = stamped ? request.last?.watermark : await newestStamp(request, by, relation)
    if (stamped) log(`read again what the source stamped from ${stamped.from} until ${stamped.to}; the watermark stays at ${watermark}`)
    const held = (since || stamped) && whole !== '' ? [await reconciled(request, incremental, whole, relation, log)] : []
    return {
      ...candidate,
      watermark,
      held: [...(candidate.held ?? []), ...held],
      async publish(provenance: Provenance) {
        const version = await candidate.publish(provenance)
        if (watermark !== undefined) await mirror.write({ source: nameOf(provenance.asset), watermark, updated_at: provenance.at, version, run_id: provenance.run, table: provenance.asset, column: incremental.by })
        return version
      },
    }
  } catch (error) {
    await candidate.discard()
    throw error
  }
}

/** The last part of an asset's key. */
export const nameOf = (asset: string): string => asset.slice(asset.indexOf('/') + 1)

/** The newest stamp that is not in the future; undefined where there is none. ISO 8601, UTC. */
export async function newestStamp({ database, now }: Pick<TableStageRequest, 'database' | 'now'>, by: string, relation: string): Promise<string | undefined> {
  const [row] = await database.use(connection => connection.rows<{ at: bigint | null }>(`select epoch_us(max(${by})) as at from (${relation}) where ${by} <= ${quoteLiteral(now)}`))
  return row?.at === null || row === undefined ? undefined : instantOf(row.at)
}

/** To the microsecond, where there are any: a watermark that was cut would read its own row again each time. */
function instantOf(micros: bigint): string {
  const milliseconds = new Date(Number(micros / 1000n)).toISOString()
  const rest = Number(micros % 1000n)
  return rest > 0 ? milliseconds.replace('Z', `${String(rest).padStart(3, '0')}Z`) : milliseconds
}

async function reconciled({ definition, session, table, database }: TableStageRequest, { by }: Incremental, whole: string, relation: string, log: (message: string) => void): Promise<CheckResult> {
  const started = performance.now()
  const { write, key } = definition
  const on = write.mode === 'merge' ? write.on.map(name => quoteIdentifier(name)) : []
  const stamp = quoteIdentifier(by)
  await session.add({ name: AFTER, relation })
  const missing = `
    select distinct ${on.map(name => `told.${name}`).join(', ')}
    from (${whole}) as told
    where ${on.map(name => `told.${name} is not null`).join(' and ')}
      and not exists (select 1 from ${quoteIdentifier(AFTER)} as held where ${on.map(name => `held.${name} = told.${name}`).join(' and ')} and (held.${stamp} >= told.${stamp} or told.${stamp} is null))`
  const rows = await session.count(missing)
  const result: CheckResult = { asset: key, check: 'nothing of the source is missing', severity: 'warn', passed: rows === 0, failingRows: rows, proof: 'query', durationMs: Math.round(performance.now() - started) }
  if (rows === 0) return result
  const folder = stagingFolder(table.root)
  try {
    const written = await session.writeQuery(`select * from (${missing}) order by all limit ${LISTED}`, { folder, partitionBy: [] })
    const sample = await database.use(connection => connection.json<Record<string, unknown>>(`select * from (${relationOf(written)}) order by all`))
    log(`${rows} of the source ${rows === 1 ? 'is' : 'are'} stamped too long ago to be read: ${sample.slice(0, 10).map(row => Object.values(row).join('/')).join(', ')}${rows > 10 ? ' …' : ''}. To take them in: varve materialize ${key} --from DAY --to DAY, or --force for all`)
    return { ...result, sample, detail: `missing ${sample.map(row => Object.values(row).join('/')).join(', ')}${rows > sample.length ? ' …' : ''}` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
