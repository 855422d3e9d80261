import { rm } from 'node:fs/promises'
import type { Stream } from '../definition/stream.ts'
import { stagingFolder } from '../delta/adopt-files.ts'
import type { Database } from '../duckdb/database.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { StreamOffsets } from '../vocabulary/materialization.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { Candidate, Provenance } from './candidate.ts'
import type { Checkpoints, Replay } from './checkpoints.ts'
import type { TableStageRequest } from './table-stage.ts'
import { relationOf } from './written.ts'

export interface StreamRequest {
  readonly stream: Stream
  readonly checkpoints: Checkpoints
  readonly log: (message: string) => void
  /** Stages the messages, once it is said which. */
  readonly stage: (request: TableStageRequest) => Promise<Candidate>
}

/** What a partition of a topic has for us. */
interface Told {
  readonly topic: string
  readonly partition: string
  readonly first: number
  readonly last: number
  /** The first offset at or after the instant from where a replay goes. */
  readonly since: number | null
}

/**
 * Stages the messages of topics, and keeps count of how far each partition was read: the offsets are part of the commit, and mirrored as
 * checkpoints. A partition whose oldest message lies behind the one that is due has lost some: that is an error, and not a smaller table.
 */
export async function stageStream(request: TableStageRequest, { stream, checkpoints, log, stage }: StreamRequest): Promise<Candidate> {
  const { definition, table, database } = request
  const replays = new Map<string, Replay>()
  for (const topic of stream.topics) {
    const replay = await checkpoints.replayOf(topic)
    if (replay) replays.set(topic, replay)
  }
  const read = (await table.head()) < 0 ? {} : await offsetsIn(database, stream, await (await table.snapshot()).scanSql())
  for (const topic of stream.topics) {
    if (read[topic] && !replays.has(topic) && !(await checkpoints.read(topic))) log(`${topic} has no checkpoint: reading goes on behind the offsets that ${definition.key} holds`)
  }
  const write: TableStageRequest['write'] = (wrap, job) => request.write(async query => {
    const told = await toldBy(request, stream, query, replays)
    const starts = new Map([...replays].map(([topic, replay]) => [topic, startsOf(replay, told.filter(each => each.topic === topic))]))
    requireNoGap(definition.key, told, (topic, partition) => starts.get(topic)?.get(partition) ?? (replays.has(topic) ? undefined : read[topic]?.[partition]))
    const due = replays.size === 0 ? query : `select * from (${query}) where ${behind(stream, starts)}`
    return wrap ? wrap(due) : due
  }, job)
  const candidate = await stage({ ...request, write, rowsIn: replays.size === 0 ? request.rowsIn : undefined })
  try {
    const offsets = await offsetsIn(database, stream, await candidate.relation!())
    return {
      ...candidate,
      offsets,
      async publish(provenance: Provenance) {
        const version = await candidate.publish(provenance)
        for (const [topic, partitions] of Object.entries(offsets)) {
          if (stream.topics.includes(topic)) await checkpoints.write({ topic, offsets: partitions, updated_at: provenance.at, version, run_id: provenance.run, table: provenance.asset }, replays.has(topic))
        }
        return version
      },
    }
  } catch (error) {
    await candidate.discard()
    throw error
  }
}

/** The highest offset of each topic's partition among these rows. */
export async function offsetsIn(database: Database, { topic, partition, offset }: Stream, relation: string): Promise<StreamOffsets> {
  const rows = await database.use(connection => connection.json<{ topic: string; partition: string; last: number }>(`
    select ${quoteIdentifier(topic)}::varchar as topic, ${quoteIdentifier(partition)}::varchar as partition, max(${quoteIdentifier(offset)})::double as last
    from (${relation}) where ${quoteIdentifier(topic)} is not null and ${quoteIdentifier(partition)} is not null and ${quoteIdentifier(offset)} is not null group by all order by all`))
  const offsets: Record<string, Record<string, number>> = {}
  for (const row of rows) (offsets[row.topic] ??= {})[row.partition] = row.last
  return offsets
}

async function toldBy({ session, database, table }: TableStageRequest, { topic, partition, offset, at }: Stream, query: string, replays: ReadonlyMap<string, Replay>): Promise<readonly Told[]> {
  const [name, number, place] = [quoteIdentifier(topic), quoteIdentifier(partition), quoteIdentifier(offset)]
  const since = [...replays].flatMap(([each, { from }]) => (from.kind === 'time' ? [`when ${name} = ${quoteLiteral(each)} and ${quoteIdentifier(at)} >= ${quoteLiteral(new Date(from.at))} then ${place}`] : []))
  const folder = stagingFolder(table.root)
  try {
    const written = await session.writeQuery(`
      select ${name}::varchar as topic, ${number}::varchar as partition, min(${place})::double as first, max(${place})::double as last, min(case ${since.join(' ') || 'when false then null'} end)::double as since
      from (${query}) where ${name} is not null and ${number} is not null and ${place} is not null group by all`, { folder, partitionBy: [] })
    return await database.use(connection => connection.json<Told>(`select * from (${relationOf(written)})`))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** By partition, the offset behind which a replay reads; a partition that is not in it is read from its beginning. */
function startsOf({ from }: Replay, told: readonly Told[]): ReadonlyMap<string, number> {
  switch (from.kind) {
    case 'earliest': return new Map()
    case 'time': return new Map(told.map(({ partition, since, last }) => [partition, since === null ? last : since - 1]))
    case 'offsets': return new Map(Object.entries(from.offsets).map(([partition, first]) => [partition, first - 1]))
  }
}

/** What is not told by a partition can't be missed by us: it may have been empty all along. */
function requireNoGap(asset: AssetKey, told: readonly Told[], readTo: (topic: string, partition: string) => number | undefined): void {
  for (const { topic, partition, first } of told) {
    const last = readTo(topic, partition)
    if (last !== undefined && first > last + 1) throw new StreamGap(asset, topic, partition, last, first)
  }
}

function behind({ topic, partition, offset }: Stream, starts: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
  const left = [...starts].flatMap(([name, partitions]) => [...partitions].map(([number, start]) => `(${quoteIdentifier(topic)} = ${quoteLiteral(name)} and ${quoteIdentifier(partition)}::varchar = ${quoteLiteral(number)} and ${quoteIdentifier(offset)} <= ${start})`))
  return left.length === 0 ? 'true' : `(${left.join(' or ')}) is not true`
}

export class StreamGap extends ExplainedError {
  readonly code = 'storage/stream-gap'
  readonly hint: string
  constructor(readonly asset: AssetKey, readonly topic: string, readonly partition: string, last: number, first: number) {
    super(`Messages of ${topic}, partition ${partition}, are lost to ${asset}: ${last} was the last that was read, and ${first} is the first that there is.`)
    this.hint = `Hand over an export that begins at offset ${last + 1} or before. If they are gone for good, go on without them: varve stream replay ${topic} --from earliest`
  }
}
