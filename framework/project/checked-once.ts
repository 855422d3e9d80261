import { basename, join } from 'node:path'
import { fingerprint } from '../vocabulary/version.ts'
import { readJson, replaceFile, stampOf } from './cache.ts'

/** Like `checkedFile`, but a file that was found good is not parsed and checked again until it changes. */
export async function checkedOnce<T>(root: string, path: string, schema: object, cacheFolder: string): Promise<T> {
  const stamp = `${stampOf(path)} ${fingerprint(JSON.stringify(schema))}`
  const kept = join(cacheFolder, `checked-${basename(path)}.json`)
  const known = readJson(kept) as { readonly stamp: string; readonly value: T } | undefined
  if (known?.stamp === stamp) return known.value
  const { checkedFile } = await import('./checked-file.ts')
  const value = checkedFile<T>(root, path, schema)
  replaceFile(kept, JSON.stringify({ stamp, value }))
  return value
}
