import { join, normalize } from 'node:path'
import { isRemote } from '../objects/object-place.ts'
import { mirrorOf } from '../objects/mirror.ts'

/** Where a path of the log points to on disk: it is URI-encoded, relative to the table's root, absolute, or a `file:` URI. Of what lies elsewhere it is the place of the copy. */
export function resolvePath(root: string, path: string): string {
  const decoded = uriDecoded(path)
  if (decoded.startsWith('file:')) return normalize(decoded.replace(/^file:(?:\/\/localhost(?=\/))?\/*/, '/'))
  if (isRemote(decoded)) return mirrorOf(root)?.pathOf(decoded) ?? decoded
  return decoded.startsWith('/') ? normalize(decoded) : isRemote(root) ? `${root.replace(/\/$/, '')}/${decoded}` : join(root, decoded)
}

/** A relative path as the log writes it: encoded as a URI, as Hadoop does it. */
export const encodePath = (relative: string): string =>
  relative.split('/').map(part => encodeURIComponent(part).replace(/%(3D|3A|40|26|2B|2C|3B|24|7E)/gi, found => decodeURIComponent(found))).join('/')

/** The folder of a partition, as Hive and Spark name it. The names are a convention only: the values stand in the log. */
export const partitionFolder = (values: readonly (readonly [column: string, value: string | null])[]): string =>
  values.map(([column, value]) => `${hiveEscaped(column)}=${value === null || value === '' ? '__HIVE_DEFAULT_PARTITION__' : hiveEscaped(value)}`).join('/')

function hiveEscaped(text: string): string {
  let escaped = ''
  for (const char of text) {
    const code = char.codePointAt(0)!
    escaped += code < 0x20 || code === 0x7f || '"#%\'*/:=?\\{[]^'.includes(char) ? `%${code.toString(16).toUpperCase().padStart(2, '0')}` : char
  }
  return escaped
}

function uriDecoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
