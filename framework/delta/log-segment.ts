import { BrokenLog, NoSuchVersion, NoTable, StorageFailed } from './delta-errors.ts'
import { LAST_CHECKPOINT, logFile, namesFrom } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'

/** The files of the log that make up one version: the newest complete checkpoint at or before it, and the commits since. */
export interface LogSegment {
  readonly version: number
  /** Best first. One that turns out damaged is passed over, where the commits since the next one are there. */
  readonly checkpoints: readonly CheckpointFiles[]
  /** The commits after a version up to this one, with their entries. A compacted file may stand for several of them. @throws {BrokenLog} where one is missing */
  commitsAfter(version: number): readonly { readonly version: number; readonly entry: LogEntry }[]
}

export interface CheckpointFiles {
  readonly version: number
  readonly format: 'json' | 'parquet'
  readonly names: readonly string[]
}

/**
 * Finds the segment of a version, or of the newest one. With `hinted` the list starts at the checkpoint that `_last_checkpoint` names; it may
 * turn out that this one cannot be read, and then the whole list is needed. @throws {NoTable} {NoSuchVersion} {BrokenLog}
 */
export async function logSegment(store: LogStore, root: string, version: number | undefined, hinted: boolean): Promise<LogSegment> {
  const whole = hinted ? await store.listWhole?.() : undefined
  const hint = hinted && !whole ? await lastCheckpoint(store) : undefined
  const near = hint !== undefined && (version === undefined || version >= hint) ? await store.list(namesFrom(hint)) : []
  const start = completeCheckpoints(near).some(checkpoint => checkpoint.version === hint) ? near : whole ?? (await store.list())
  const beyond = version !== undefined && start === near && !start.some(({ name }) => (logFile(name)?.version ?? -1) >= version)
  const segment = segmentOf(beyond ? await store.list() : start, root, version)
  if (!segment) throw new NoTable(root)
  return segment
}

/** What `_last_checkpoint` says of the checkpoint that it names. */
export interface CheckpointHint {
  readonly version: number
  readonly numOfAddFiles?: number | undefined
  /** Of the protocol's second form. */
  readonly v2Checkpoint?: { readonly path?: string | undefined; readonly sizeInBytes?: number | undefined } | undefined
}

/** The version that `_last_checkpoint` names. */
export const lastCheckpoint = async (store: LogStore): Promise<number | undefined> => (await readHint(store))?.version

/** It is a hint only: it may be missing, stale, damaged or closed to us. */
export async function readHint(store: LogStore): Promise<CheckpointHint | undefined> {
  try {
    const found = await store.find(LAST_CHECKPOINT)
    if (!found) return undefined
    const hint = JSON.parse(Buffer.from(found).toString()) as CheckpointHint
    return typeof hint.version === 'number' && Number.isSafeInteger(hint.version) && hint.version >= 0 ? hint : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof StorageFailed) return undefined
    throw error
  }
}

function segmentOf(entries: readonly LogEntry[], root: string, asked: number | undefined): LogSegment | undefined {
  const commits = new Map<number, LogEntry>()
  const compacted = new Map<number, { readonly until: number; readonly entry: LogEntry }[]>()
  const checkpoints = completeCheckpoints(entries)
  for (const entry of entries) {
    const file = logFile(entry.name)
    if (file?.kind === 'commit') commits.set(file.version, entry)
    if (file?.kind === 'compacted' && file.until >= file.version) compacted.set(file.version, [...(compacted.get(file.version) ?? []), { until: file.until, entry }])
  }
  const versions = [...commits.keys(), ...checkpoints.map(checkpoint => checkpoint.version)]
  if (versions.length === 0) return undefined
  const latest = versions.reduce((a, b) => Math.max(a, b))
  const earliest = Math.min(...checkpoints.map(checkpoint => checkpoint.version), commits.has(0) ? 0 : Infinity)
  const version = asked ?? latest
  if (version > latest || version < 0 || version < earliest) {
    if (earliest === Infinity) throw new BrokenLog(`The log of ${root} starts at version ${Math.min(...versions)} without a checkpoint.`)
    throw new NoSuchVersion(root, String(version), earliest, latest)
  }
  return {
    version,
    checkpoints: checkpoints.filter(checkpoint => checkpoint.version <= version),
    commitsAfter(after) {
      const found: { version: number; entry: LogEntry }[] = []
      for (let next = after + 1; next <= version; next += 1) {
        const entry = commits.get(next)
        // The longest that does not go beyond the version: where commits are gone, the next file may begin right after it only.
        const several = entry ? undefined : compacted.get(next)?.filter(({ until }) => until <= version).sort((a, b) => b.until - a.until)[0]
        if (entry) found.push({ version: next, entry })
        else if (several) {
          found.push({ version: several.until, entry: several.entry })
          next = several.until
        } else throw new BrokenLog(`The log of ${root} lacks version ${next}, though it has version ${latest}.`)
      }
      return found
    },
  }
}

/** The checkpoints of which all parts are there, newest first; of one version, a whole one before one in parts. */
function completeCheckpoints(entries: readonly LogEntry[]): CheckpointFiles[] {
  const complete: CheckpointFiles[] = []
  const parted = new Map<string, { version: number; parts: number; names: string[] }>()
  for (const { name, bytes } of entries) {
    const file = logFile(name)
    if (bytes === 0) continue
    if (file?.kind === 'checkpoint-v2') complete.push({ version: file.version, format: file.format, names: [name] })
    else if (file?.kind === 'checkpoint' && file.parts === 1) complete.push({ version: file.version, format: 'parquet', names: [name] })
    else if (file?.kind === 'checkpoint') {
      const key = `${file.version}/${file.parts}`
      const group = parted.get(key) ?? { version: file.version, parts: file.parts, names: [] }
      group.names.push(name)
      parted.set(key, group)
    }
  }
  for (const { version, parts, names } of parted.values()) if (names.length === parts) complete.push({ version, format: 'parquet', names })
  return complete.sort((a, b) => b.version - a.version || a.names.length - b.names.length)
}
