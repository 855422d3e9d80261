import { closeSync, fsync, openSync } from 'node:fs'
import { mirrorOf } from '../objects/mirror.ts'

/** Makes a file, or a folder's list of names, survive a power cut. Only the wait for the disk goes to libuv's pool: a way there costs more than to open and to close. */
export async function sync(path: string): Promise<void> {
  const file = openSync(path, 'r')
  try {
    await new Promise<void>((done, fail) => fsync(file, error => (error ? fail(error) : done())))
  } finally {
    closeSync(file)
  }
}

/** By table's root: what was begun and has not come to a good end. */
const begun = new Map<string, Set<Promise<void>>>()

/** Begins to {@link sync} something that a table's next commit will name. Many of these wait for the disk together, while other work goes on. */
export function beginSync(root: string, path: string): void {
  const mirror = mirrorOf(root)
  if (mirror) return mirror.wrote(path)
  const waiting = begun.get(root) ?? new Set()
  begun.set(root, waiting)
  const done = sync(path).catch(unlessGone).then(() => {
    waiting.delete(done)
    if (waiting.size === 0 && begun.get(root) === waiting) begun.delete(root)
  })
  // Told to whoever waits for it, in `allSynced`.
  done.catch(() => undefined)
  waiting.add(done)
}

/** Waits for all that was begun below a root: only then may a commit name it. @throws where the disk refused */
export async function allSynced(root: string): Promise<void> {
  const waiting = begun.get(root)
  if (!waiting) return
  try {
    await Promise.all(waiting)
  } finally {
    if (begun.get(root) === waiting) begun.delete(root)
  }
}

/** A candidate that was given up takes its files away: no commit will name them. */
function unlessGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
