import { linkSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SEGMENTS = 'segments'
const HOUR = 3_600_000

/**
 * Keeps the files of a bundle in a folder of their own, since a process that has loaded one under a name never loads another under it.
 * What is as it `before` was is linked, not copied. @returns the folder, below the cache's
 */
export function keepSegments(cacheFolder: string, before: string | undefined, files: ReadonlyMap<string, string | undefined>): string {
  const folder = `${SEGMENTS}/${crypto.randomUUID()}`
  mkdirSync(join(cacheFolder, folder), { recursive: true })
  for (const [name, code] of files) {
    if (code === undefined) linkSync(join(cacheFolder, before!, name), join(cacheFolder, folder, name))
    else writeFileSync(join(cacheFolder, folder, name), code)
  }
  // Another process may be about to read what is young.
  for (const name of readdirSync(join(cacheFolder, SEGMENTS))) {
    const each = `${SEGMENTS}/${name}`
    const modified = statSync(join(cacheFolder, each), { throwIfNoEntry: false })?.mtimeMs
    if (each !== before && modified !== undefined && modified < Date.now() - HOUR) rmSync(join(cacheFolder, each), { recursive: true, force: true })
  }
  return folder
}
