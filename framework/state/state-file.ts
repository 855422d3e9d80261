import Database from 'libsql'
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** The state file of a lake: `state.db` in the folder that the lake lies in. Where another lake of that folder has it, `state-<name>.db`. */
export function stateFileOf(lake: string): string {
  const folder = dirname(resolve(lake))
  const shared = join(folder, 'state.db')
  const owner = ownerOf(shared)
  return owner === undefined || owner === lakeName(lake) ? shared : join(folder, `state-${lakeName(lake)}.db`)
}

/** By this name a state file knows its lake: the two may move together. */
export const lakeName = (lake: string): string => basename(resolve(lake))

/** The lake that a state file was made for. What cannot be read has none here: whoever opens it is told why. */
function ownerOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  let database: Database.Database | undefined
  try {
    database = new Database(path, { timeout: 10_000 })
    return (database.prepare('select name from lake').all() as { name: string }[])[0]?.name
  } catch {
    return undefined
  } finally {
    database?.close()
  }
}
