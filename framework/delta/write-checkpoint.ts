import { randomUUID } from 'node:crypto'
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { quoteLiteral } from '../vocabulary/sql.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import type { RemoveFile } from './actions.ts'
import { StorageFailed } from './delta-errors.ts'
import { checkpointName, LAST_CHECKPOINT, uniqueCheckpointName } from './log-names.ts'
import { lastCheckpoint } from './log-segment.ts'
import type { LogStore } from './log-store.ts'
import { supportedFeatures } from './protocol.ts'
import type { Snapshot } from './snapshot.ts'
import { writing } from './writing.ts'
import { maintenanceProperties } from './table-properties.ts'

/**
 * Writes a snapshot's checkpoint, in the classic form that every reader knows or the second one where the table asks for it, and then the hint to it. Tombstones whose files VACUUM may
 * have taken already are left out. The actions go to DuckDB as lines of JSON, most of them as the log had them.
 */
export async function writeCheckpoint(store: LogStore, snapshot: Snapshot, now: Date): Promise<void> {
  const { database, version } = snapshot
  const lines = join(database.scratch, `checkpoint-${randomUUID()}.ndjson`)
  const parquet = join(database.scratch, `checkpoint-${randomUUID()}.parquet`)
  try {
    const { count, longest } = writeActions(lines, snapshot, now.getTime() - maintenanceProperties(snapshot.properties).deletedFileRetention)
    const columns = Object.entries(isSecondForm(snapshot) ? { ...COLUMNS, checkpointMetadata: 'STRUCT("version" BIGINT)' } : COLUMNS).map(([name, type]) => `${name}: ${quoteLiteral(type)}`)
    const source = `read_json(${quoteLiteral(lines)}, format='newline_delimited', maximum_object_size=${Math.max(1024 * 1024, longest * 2)}, columns={${columns.join(', ')}})`
    await writing(parquet, () => database.use(connection => connection.run(`copy (select * from ${source}) to ${quoteLiteral(parquet)} (format parquet, compression zstd, row_group_size 20480)`)))
    const sizeInBytes = statSync(parquet).size
    crashpoint('checkpoint-unwritten')
    await store.putFile(isSecondForm(snapshot) ? uniqueCheckpointName(version, randomUUID()) : checkpointName(version), parquet)
    crashpoint('checkpoint-written')
    if ((await lastCheckpoint(store) ?? -1) > version) return
    await store.put(LAST_CHECKPOINT, JSON.stringify({ version, size: count, sizeInBytes, numOfAddFiles: snapshot.files.count }))
  } finally {
    rmSync(lines, { force: true })
    rmSync(parquet, { force: true })
  }
}

const isSecondForm = ({ properties, protocol }: Snapshot): boolean => properties['delta.checkpointPolicy'] === 'v2' && supportedFeatures(protocol).has('v2Checkpoint')

/** @returns how many actions there are, and how long the longest is, in bytes at most */
function writeActions(path: string, snapshot: Snapshot, expired: number): { readonly count: number; readonly longest: number } {
  let count = 0
  let pending: string[] = []
  let length = 0
  let longest = 0
  try {
    const file = openSync(path, 'wx')
    const flush = () => {
      const bytes = Buffer.from(pending.join(''))
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      pending = []
      length = 0
    }
    const write = (line: string) => {
      count += 1
      length += line.length
      longest = Math.max(longest, line.length * 3)
      pending.push(line, '\n')
      if (length > 4 * 1024 * 1024) flush()
    }
    try {
      if (isSecondForm(snapshot)) write(JSON.stringify({ checkpointMetadata: { version: snapshot.version } }))
      write(JSON.stringify({ protocol: snapshot.protocol }))
      write(JSON.stringify({ metaData: snapshot.metadata }))
      for (const txn of snapshot.txns.values()) write(JSON.stringify({ txn }))
      for (const domainMetadata of snapshot.domains.values()) write(JSON.stringify({ domainMetadata }))
      for (const json of snapshot.files.texts()) write(`{"add":${json}}`)
      for (const remove of snapshot.state.tombstones) if ((remove.deletionTimestamp ?? 0) > expired) write(JSON.stringify({ remove: tombstone(remove) }))
      flush()
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new StorageFailed('write', path, error)
  }
  return { count, longest }
}

const tombstone = (remove: RemoveFile): RemoveFile => ({ ...remove, dataChange: false, stats: undefined, tags: undefined })

const MAP = 'MAP(VARCHAR, VARCHAR)'
const VECTOR = 'STRUCT("storageType" VARCHAR, "pathOrInlineDv" VARCHAR, "offset" INTEGER, "sizeInBytes" INTEGER, "cardinality" BIGINT)'

/** The protocol's checkpoint schema. A line of JSON fills one of the columns; the others are NULL, as they must be. */
const COLUMNS = {
  txn: 'STRUCT("appId" VARCHAR, "version" BIGINT, "lastUpdated" BIGINT)',
  add: `STRUCT("path" VARCHAR, "partitionValues" ${MAP}, "size" BIGINT, "modificationTime" BIGINT, "dataChange" BOOLEAN, "stats" VARCHAR, "tags" ${MAP}, "deletionVector" ${VECTOR}, "baseRowId" BIGINT, "defaultRowCommitVersion" BIGINT, "clusteringProvider" VARCHAR)`,
  remove: `STRUCT("path" VARCHAR, "deletionTimestamp" BIGINT, "dataChange" BOOLEAN, "extendedFileMetadata" BOOLEAN, "partitionValues" ${MAP}, "size" BIGINT, "deletionVector" ${VECTOR}, "baseRowId" BIGINT, "defaultRowCommitVersion" BIGINT)`,
  metaData: `STRUCT("id" VARCHAR, "name" VARCHAR, "description" VARCHAR, "format" STRUCT("provider" VARCHAR, "options" ${MAP}), "schemaString" VARCHAR, "partitionColumns" VARCHAR[], "configuration" ${MAP}, "createdTime" BIGINT)`,
  protocol: 'STRUCT("minReaderVersion" INTEGER, "minWriterVersion" INTEGER, "readerFeatures" VARCHAR[], "writerFeatures" VARCHAR[])',
  domainMetadata: 'STRUCT("domain" VARCHAR, "configuration" VARCHAR, "removed" BOOLEAN)',
} as const
