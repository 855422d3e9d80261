import type { ReplicatedTable } from '../../storage/replica.ts'
import type { Style } from '../terminal/style.ts'
import { tableLines } from './table-view.ts'

/** A line a table: which version could be read if the lake were lost now. */
export function replicaLines(tables: readonly ReplicatedTable[], { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const rows = tables.map(({ asset, head, newest, usable, missing }) => [
    asset, String(head), usable === undefined ? 'none' : String(usable),
    usable === head ? 'up to date' : usable === undefined ? `cannot be read: ${missing[0] ?? ''} is missing` : newest === usable ? `${head - usable} behind` : `${head - usable} behind: version ${newest} lacks ${missing[0] ?? ''}`,
  ])
  const paint = (shown: string, cell: string) => (cell === 'up to date' ? style.green(shown) : cell.startsWith('cannot') ? style.red(shown) : style.yellow(shown))
  return tableLines([{ title: 'asset', least: 24, paint: style.bold }, { title: 'lake', least: 6 }, { title: 'replica', least: 8 }, { title: '', least: 24, paint, wrap: true }], rows, { width, style })
}
