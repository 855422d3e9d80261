import { existsSync, renameSync } from 'node:fs'

/** Moves a file, with what SQLite keeps beside it, out of the way under a name that says since when: nothing that may still be read is thrown away. */
export function setAside(path: string, now: Date = new Date()): void {
  const stamp = now.toISOString().replaceAll(/[:.]/g, '-')
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.${stamp}${suffix}`)
}
