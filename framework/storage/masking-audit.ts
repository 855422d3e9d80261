import { join } from 'node:path'
import { filesAt } from '../objects/lake-files.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { MaskedValues } from '../vocabulary/check-result.ts'

/** Below the lake's folder: a file for each run that made a table with masked columns, at `meta/pii_audit/<asset key>/`. */
export const MASKING_AUDIT = 'meta/pii_audit'

/** What one run did to the masked columns of one table. It holds counts only. */
export interface MaskingAudit {
  readonly version: 1
  readonly asset: AssetKey
  readonly run: string
  readonly tableVersion: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly rows: number
  readonly columns: readonly ({ readonly column: string } & MaskedValues)[]
}

export async function writeMaskingAudit(lake: string, audit: MaskingAudit): Promise<void> {
  await filesAt(lake).replace(join(lake, MASKING_AUDIT, audit.asset, `${audit.at.replaceAll(/[:.]/g, '-')}_${audit.run}.json`), `${JSON.stringify(audit, null, 2)}\n`)
}

/** The audits of a table, newest first. */
export async function maskingAudits(lake: string, asset: AssetKey, limit = Infinity): Promise<readonly MaskingAudit[]> {
  const folder = join(lake, MASKING_AUDIT, asset)
  const names = (await filesAt(lake).names(folder)).filter(name => name.endsWith('.json'))
  const texts = await Promise.all(names.toReversed().slice(0, limit).map(name => filesAt(lake).read(join(folder, name))))
  return texts.flatMap(text => (text === undefined ? [] : [JSON.parse(text) as MaskingAudit]))
}
