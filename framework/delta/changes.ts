import type { Action, AddFile, ChangeFile, RemoveFile } from './actions.ts'
import { CannotRead, NoSuchVersion } from './delta-errors.ts'
import type { DeltaTable } from './delta-table.ts'
import { timedCommits } from './history.ts'
import { LogState } from './log-state.ts'
import { readCommit } from './read-commit.ts'
import { Snapshot } from './snapshot.ts'

/**
 * A SELECT of the rows that changed from one version to another, both included: the table's columns as the last of them has them, and
 * `_change_type` (insert, delete, update_preimage, update_postimage), `_commit_version` and `_commit_timestamp`. The table must have
 * kept its change data feed in all of these versions. @throws {CannotRead} {NoSuchVersion}
 */
export async function changesSql(table: DeltaTable, from: number, to?: number): Promise<string> {
  const last = await table.snapshot(to === undefined ? {} : { version: to })
  if (from > last.version || from < 0) throw new NoSuchVersion(table.root, String(from), 0, last.version)
  const kept = new Map((await timedCommits(table.store, from)).map(commit => [commit.version, commit.timestamp]))
  let feeds = (await table.snapshot({ version: from })).properties[FEED] === 'true'
  const parts: string[] = []
  for (let version = from; version <= last.version; version += 1) {
    const actions = await readCommit(table.store, version)
    for (const action of actions) if ('metaData' in action) feeds = action.metaData.configuration?.[FEED] === 'true'
    if (!feeds) throw new CannotRead(`${table.root} kept no change data at version ${version}.`)
    const at = `${version}::bigint as _commit_version, make_timestamptz(${(kept.get(version) ?? 0) * 1000}::bigint) as _commit_timestamp`
    for (const part of await changesOf(last, actions)) parts.push(`select *, ${at} from (${part})`)
  }
  return parts.length > 0 ? parts.join(' union all by name ') : `select *, 'insert' as _change_type, 0::bigint as _commit_version, null::timestamptz as _commit_timestamp from (${await last.scanSql({ files: [] })})`
}

const FEED = 'delta.enableChangeDataFeed'
const CHANGE_TYPE = { name: '_change_type', type: 'string', nullable: true, metadata: {} } as const

/** A commit's changes: as its change files have them where there are any, else every row of what it adds and takes out. */
async function changesOf(shape: Snapshot, actions: readonly Action[]): Promise<string[]> {
  const changes = actions.flatMap(action => ('cdc' in action ? [action.cdc] : []))
  if (changes.length > 0) return [await withChangeType(shape).scanSql({ files: changes.map(readable) })]
  const adds = actions.flatMap(action => ('add' in action && action.add.dataChange ? [action.add] : []))
  const removes = actions.flatMap(action => ('remove' in action && action.remove.dataChange ? [action.remove] : []))
  const byPath = new Map(adds.map(add => [add.path, add]))
  const parts: string[] = []
  for (const remove of removes.filter(({ path }) => byPath.has(path))) {
    const [before, after] = [await shape.scanSql({ files: [readable(remove)], virtual: true }), await shape.scanSql({ files: [byPath.get(remove.path)!], virtual: true })]
    parts.push(changed(before, after, 'delete'), changed(after, before, 'insert'))
  }
  const paths = new Set(removes.map(({ path }) => path))
  const came = adds.filter(({ path }) => !paths.has(path))
  const went = removes.filter(({ path }) => !byPath.has(path))
  if (came.length > 0) parts.push(`select *, 'insert' as _change_type from (${await shape.scanSql({ files: came })})`)
  if (went.length > 0) parts.push(`select *, 'delete' as _change_type from (${await shape.scanSql({ files: went.map(readable) })})`)
  return parts
}

/** The rows of one state of a file that another state of it does not have. */
const changed = (rows: string, without: string, type: 'insert' | 'delete') =>
  `select * exclude (__varve_file, __varve_row), '${type}' as _change_type from (${rows}) as a where not exists (select 1 from (${without}) as b where b.__varve_row = a.__varve_row)`

const readable = (file: RemoveFile | ChangeFile): AddFile => ({ ...file, partitionValues: file.partitionValues ?? {}, size: file.size ?? 0, modificationTime: 0, dataChange: true })

function withChangeType(shape: Snapshot): Snapshot {
  const state = new LogState(shape.state)
  state.metadata = { ...shape.metadata, schemaString: JSON.stringify({ type: 'struct', fields: [...shape.schema.fields, CHANGE_TYPE] }) }
  return new Snapshot(shape.root, shape.database, shape.version, shape.timestamp, state)
}
