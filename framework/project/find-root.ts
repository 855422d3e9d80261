import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The project that a folder lies in: the nearest one upwards with `assets/` and package.json, or the folder itself. */
export function findRoot(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'assets')) && existsSync(join(folder, 'package.json'))) return folder
    if (dirname(folder) === folder) return resolve(from)
  }
}
