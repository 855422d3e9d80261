import { filesAt } from '../objects/lake-files.ts'
import { BrokenLog, NoSuchVersion } from './delta-errors.ts'
import type { DeltaTable } from './delta-table.ts'
import { vectorFile } from './deletion-vector.ts'
import { logFile } from './log-names.ts'
import type { Snapshot } from './snapshot.ts'
import { resolvePath } from './table-paths.ts'

/** How much of a table that was copied file by file, in no order, can be read. */
export interface UsableVersion {
  /** The newest version of which the log is there; -1 where none is. */
  readonly newest: number
  /** The newest version of which all is there: its log and every file that it names, each in its size. */
  readonly usable: number | undefined
  /** What keeps the newest version from being that, by the names of the log; at most ten. */
  readonly missing: readonly string[]
}

/** Looks for the newest version that a reader could read whole, from the newest downwards. Lists the table's files once. */
export async function newestUsableVersion(table: DeltaTable): Promise<UsableVersion> {
  const versions = new Set((await table.store.list()).flatMap(({ name }) => {
    const file = logFile(name)
    return file?.kind === 'commit' || file?.kind === 'checkpoint' || file?.kind === 'checkpoint-v2' ? [file.version] : []
  }))
  const newest = Math.max(-1, ...versions)
  if (newest < 0) return { newest, usable: undefined, missing: ['_delta_log'] }
  const sizes = new Map((await filesAt(table.root).below(table.root, name => name === '_delta_log')).map(({ path, bytes }) => [path, bytes]))
  let missing: readonly string[] | undefined
  for (const version of [...versions].sort((a, b) => b - a)) {
    const lacks = await lackOf(table, version, sizes)
    if (lacks.length === 0) return { newest, usable: version, missing: missing ?? [] }
    missing ??= lacks.slice(0, 10)
  }
  return { newest, usable: undefined, missing: missing ?? [] }
}

async function lackOf(table: DeltaTable, version: number, sizes: ReadonlyMap<string, number>): Promise<readonly string[]> {
  let snapshot: Snapshot
  try {
    snapshot = await table.snapshot({ version })
  } catch (error) {
    if (error instanceof BrokenLog || error instanceof NoSuchVersion) return [`_delta_log: ${error.message}`]
    throw error
  }
  const lacks: string[] = []
  for (const { path, size, deletionVector } of snapshot.files) {
    if (sizes.get(resolvePath(table.root, path)) !== size) lacks.push(path)
    const vector = deletionVector && vectorFile(table.root, deletionVector)
    if (vector && !sizes.has(vector)) lacks.push(vector.slice(table.root.length + 1))
  }
  return lacks
}
