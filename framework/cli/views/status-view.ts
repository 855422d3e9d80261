import type { AssetKey } from '../../vocabulary/asset-key.ts'
import type { StaleCause } from '../../vocabulary/stale-cause.ts'
import type { Style } from '../terminal/style.ts'
import { ago, counted } from './amounts.ts'
import { causeDocument, causesInWords, type CauseDocument } from './cause-words.ts'
import { byLayer } from './by-layer.ts'
import { tableLines } from './table-view.ts'

/** What is true of an asset now. */
export interface AssetStatus {
  readonly key: AssetKey
  readonly stale: boolean
  readonly causes: readonly StaleCause[]
  readonly lastMaterializedAt?: string | undefined
  readonly tableVersion?: number | undefined
}

/** A line an asset: whether it is fresh, how old it is, and why it is not. A pipe is given instants, a person how long ago they were. */
export function statusLines(assets: readonly AssetStatus[], now: Date, { width, style, isTerminal }: { readonly width: number; readonly style: Style; readonly isTerminal: boolean }): string[] {
  const stale = assets.filter(asset => asset.stale)
  const columns = [
    { title: 'asset', least: 30 },
    { title: 'state', least: 5, paint: (shown: string, cell: string) => (cell === 'fresh' ? style.green(shown) : style.yellow(shown)) },
    { title: 'written', least: 12 },
    { title: 'version', align: 'right' as const, least: 7 },
    { title: 'why', least: 16, wrap: true },
  ]
  const rows = byLayer(assets).map(({ key, stale, causes, lastMaterializedAt, tableVersion }) => [
    key,
    stale ? 'stale' : 'fresh',
    lastMaterializedAt === undefined ? 'never' : isTerminal ? ago(lastMaterializedAt, now) : lastMaterializedAt,
    tableVersion === undefined ? '' : String(tableVersion),
    causesInWords(causes),
  ])
  return [...tableLines(columns, rows, { width, style }), '', `${counted(assets.length - stale.length, 'asset')} fresh, ${stale.length} stale.`]
}

/** One asset as `status --json` prints it. */
export interface StatusDocument {
  readonly key: AssetKey
  readonly stale: boolean
  readonly causes: readonly CauseDocument[]
  /** ISO 8601, UTC; null where it was never written. */
  readonly lastMaterializedAt: string | null
  readonly tableVersion: number | null
}

export const statusDocument = ({ key, stale, causes, lastMaterializedAt, tableVersion }: AssetStatus): StatusDocument => ({
  key, stale, causes: causes.map(causeDocument), lastMaterializedAt: lastMaterializedAt ?? null, tableVersion: tableVersion ?? null,
})
