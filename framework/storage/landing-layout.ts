import type { AssetKey } from '../vocabulary/asset-key.ts'

/** Where batches lie below the lake. */
export interface LandingLayout {
  readonly prefix: string
  /** With `{source}`, `{table}`, `{asset}`, `{proc_date}` and `{run_id}`. */
  readonly template: string
}

export interface BatchNames {
  readonly asset: AssetKey
  /** As the contract names them; of an asset without one, the first word of its name and the rest. */
  readonly source?: string | undefined
  readonly table?: string | undefined
  /** `YYYY-MM-DD` */
  readonly procDate: string
  readonly run: string
}

/** The names that a template may use. */
export const LAYOUT_NAMES = ['source', 'table', 'asset', 'proc_date', 'run_id'] as const

/** The folder of a batch, relative to the lake. */
export function landingFolder({ prefix, template }: LandingLayout, { asset, source, table, procDate, run }: BatchNames): string {
  const name = asset.slice(asset.indexOf('/') + 1)
  const [, first, rest] = /^([^_]*)_?(.*)$/.exec(name)!
  const values: Readonly<Record<(typeof LAYOUT_NAMES)[number], string>> = { source: source ?? first!, table: table ?? (rest || first!), asset, proc_date: procDate, run_id: run }
  const path = template.replaceAll(/\{(\w+)\}/g, (_, word: (typeof LAYOUT_NAMES)[number]) => values[word])
  return [prefix, path].filter(Boolean).join('/').replaceAll(/\/{2,}/g, '/').replace(/\/$/, '')
}
