/** What a file in the log is, by its name. */
export type LogFile =
  | { readonly kind: 'commit'; readonly version: number }
  | { readonly kind: 'compacted'; readonly version: number; readonly until: number }
  | { readonly kind: 'checkpoint'; readonly version: number; readonly part: number; readonly parts: number }
  | { readonly kind: 'checkpoint-v2'; readonly version: number; readonly format: 'json' | 'parquet' }
  | { readonly kind: 'checksum'; readonly version: number }

export const commitName = (version: number): string => `${padded(version)}.json`
export const checkpointName = (version: number): string => `${padded(version)}.checkpoint.parquet`
/** Of the protocol's second form, which may be there more than once. */
export const uniqueCheckpointName = (version: number, uuid: string): string => `${padded(version)}.checkpoint.${uuid}.parquet`
export const checksumName = (version: number): string => `${padded(version)}.crc`
/** Every name of a version or of a later one sorts at or after this. */
export const namesFrom = (version: number): string => padded(version)
export const LAST_CHECKPOINT = '_last_checkpoint'
export const SIDECARS = '_sidecars'

const NAME = /^(\d{20})\.(?:(json)|(crc)|(\d{20})\.compacted\.json|checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet|checkpoint\.([0-9a-fA-F-]{36})\.(json|parquet))$/

/** @returns undefined for what is no part of the protocol, a number beyond all versions included: readers ignore it. */
export function logFile(name: string): LogFile | undefined {
  const found = NAME.exec(name)
  if (!found) return undefined
  const [, digits, json, crc, until, part, parts, uuid, format] = found
  const version = Number(digits)
  if (!Number.isSafeInteger(version) || !Number.isSafeInteger(Number(until ?? 0))) return undefined
  if (json) return { kind: 'commit', version }
  if (crc) return { kind: 'checksum', version }
  if (until) return { kind: 'compacted', version, until: Number(until) }
  if (uuid) return { kind: 'checkpoint-v2', version, format: format as 'json' | 'parquet' }
  return { kind: 'checkpoint', version, part: Number(part ?? 1), parts: Number(parts ?? 1) }
}

const padded = (version: number) => String(version).padStart(20, '0')
