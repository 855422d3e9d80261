import type { Connection } from '../duckdb/connection.ts'
import { exactPath } from '../duckdb/exact-path.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import { LogFileMissing } from './delta-errors.ts'
import { jsonObjects } from './exact-json.ts'
import { logFile, SIDECARS } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'
import type { Snapshot } from './snapshot.ts'

/** Sidecars that are older than all that the log keeps and that no checkpoint in it names. None where a checkpoint cannot be read: it might have named them. */
export async function orphanedSidecars(store: LogStore, { database }: Snapshot, cutoff: number): Promise<LogEntry[]> {
  const old = (await store.sidecars()).filter(({ modified }) => modified < cutoff)
  if (old.length === 0) return []
  const checkpoints = (await store.list()).filter(({ name }) => logFile(name)?.kind.startsWith('checkpoint'))
  const named = new Set<string>()
  try {
    for (const { name } of checkpoints) for (const path of await database.use(connection => sidecarsOf(connection, store, name))) named.add(decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)))
  } catch (error) {
    if (error instanceof QueryFailed || error instanceof SyntaxError || error instanceof LogFileMissing) return []
    throw error
  }
  return old.filter(({ name }) => !named.has(name.slice(SIDECARS.length + 1)))
}

async function sidecarsOf(connection: Connection, store: LogStore, checkpoint: string): Promise<string[]> {
  if (checkpoint.endsWith('.json')) return [...jsonObjects(Buffer.from(await store.read(checkpoint)).toString())].flatMap(object => (object as { readonly sidecar?: { readonly path?: string } }).sidecar?.path ?? [])
  const source = `read_parquet(${exactPath(await store.readable(checkpoint))}, hive_partitioning=false)`
  if (!(await connection.describe(`select * from ${source}`)).some(({ name }) => name === 'sidecar')) return []
  return (await connection.rows<{ path: string }>(`select sidecar.path as path from ${source} where sidecar.path is not null`)).map(({ path }) => path)
}
