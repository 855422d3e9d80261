import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const LATELY = 10 * 60_000
const DAY = 86_400_000

/**
 * Takes copies out of a mirror's folder, those first that were not used for longest, until it is within its limit. A copy cannot be written
 * (see {@link Mirror}); what can be is on its way to the lake, or was left behind by a process that died a day ago, and then goes too.
 */
export async function evict(folder: string, limit: number, inUse: (path: string) => boolean, now = Date.now()): Promise<number> {
  const copies: { readonly path: string; readonly bytes: number; readonly used: number }[] = []
  let total = 0
  const visit = (at: string) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name)
      if (entry.isDirectory()) {
        visit(path)
        continue
      }
      const known = statSync(path, { throwIfNoEntry: false })
      if (!known) continue
      const copy = (known.mode & 0o200) === 0
      if (!copy && now - known.mtimeMs > DAY && !inUse(path)) rmSync(path, { force: true })
      else if (copy) {
        total += known.size
        if (!inUse(path) && now - known.mtimeMs > LATELY) copies.push({ path, bytes: known.size, used: known.mtimeMs })
      }
    }
  }
  if (!statSync(folder, { throwIfNoEntry: false })) return 0
  visit(folder)
  for (const { path, bytes } of copies.sort((a, b) => a.used - b.used)) {
    if (total <= limit) break
    rmSync(path, { force: true })
    total -= bytes
  }
  return total
}
