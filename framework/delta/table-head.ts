import { commitName, logFile, namesFrom } from './log-names.ts'
import { lastCheckpoint } from './log-segment.ts'
import type { LogEntry, LogStore } from './log-store.ts'

/** The newest version of the table whose log this is, or -1 where there is none. Needs no database; from a version that is known it only looks for later ones. */
export async function headOf(store: LogStore, known?: number): Promise<number> {
  if (known !== undefined && known >= 0 && store.listsCheaply) {
    const names = await store.list(commitName(known))
    if (names[0]?.name === commitName(known)) return newestOf(names)
  } else if (known !== undefined && known >= 0 && (await store.stat(commitName(known)))) {
    let version = known
    while (await store.stat(commitName(version + 1))) version += 1
    return version
  }
  const whole = await store.listWhole?.()
  if (whole) return newestOf(whole)
  const from = await lastCheckpoint(store)
  const newest = from === undefined ? -1 : newestOf(await store.list(namesFrom(from)))
  return newest >= 0 ? newest : newestOf(await store.list())
}

const newestOf = (entries: readonly LogEntry[]): number => entries.reduce((newest, { name }) => {
  const file = logFile(name)
  return file && file.kind !== 'checksum' && file.kind !== 'compacted' ? Math.max(newest, file.version) : newest
}, -1)
