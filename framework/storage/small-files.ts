import type { Snapshot } from '../delta/snapshot.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import type { TableSettings } from './table-settings.ts'

/** The check that a table in many small files does not hold. */
export const FEW_SMALL_FILES = 'few small files'

/** Warns of a table that is in more small files than it need be: each costs a request and a footer to whoever reads it. Of each partition one file cannot be packed away. */
export function smallFilesWarning(asset: AssetKey, { files }: Snapshot, { warnAt, below }: TableSettings['smallFiles']): CheckResult | undefined {
  if (files.count < warnAt) return undefined
  const small = new Map<string, number>()
  let bytes = 0
  for (const { partitionValues, size } of files) {
    if (size >= below) continue
    const partition = JSON.stringify(partitionValues)
    small.set(partition, (small.get(partition) ?? 0) + 1)
    bytes += size
  }
  const count = [...small.values()].reduce((total, files) => total + files, 0)
  const packable = count - small.size
  if (packable < warnAt - 1) return undefined
  return {
    asset, check: FEW_SMALL_FILES, severity: 'warn', passed: false, failingRows: 1, proof: 'statistics', durationMs: 0, metric: count,
    detail: `${count} of its ${files.count} files are small, ${inWords(bytes / count)} on average: varve optimize ${asset} packs them`,
  }
}

const inWords = (bytes: number): string => (bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 1024 / 1024)} MiB`)
