import type { Optimized } from '../../storage/maintenance.ts'
import type { AssetKey } from '../../vocabulary/asset-key.ts'
import type { EventError } from '../../vocabulary/run-event.ts'
import type { Style } from '../terminal/style.ts'
import { bytes, count, counted } from './amounts.ts'
import { visible } from '../terminal/text-width.ts'
import { tableLines } from './table-view.ts'

/** The tables for which it could not be done, and why. */
export function failureLines(failures: readonly { readonly asset: AssetKey; readonly error: EventError }[], { style }: Screen): string[] {
  return failures.flatMap(({ asset, error }) => [`${style.red(style.symbols.bad)} ${asset}: ${visible(error.message)}`, ...(error.hint === undefined ? [] : [`  ${visible(error.hint)}`])])
}

interface Screen {
  readonly width: number
  readonly style: Style
}

/** What packing did to each table. */
export function optimizedLines(tables: readonly Optimized[], { width, style }: Screen): string[] {
  const packed = tables.filter(({ filesBefore, filesAfter }) => filesBefore > 0 || filesAfter > 0)
  if (packed.length === 0) return [`${style.green(style.symbols.good)} ${counted(tables.length, 'table')} looked at: nothing to pack.`]
  const rows = packed.map(({ asset, filesBefore, filesAfter, bytesBefore, bytesAfter, version }) => [asset, `${count(filesBefore)} → ${count(filesAfter)}`, `${bytes(bytesBefore)} → ${bytes(bytesAfter)}`, String(version)])
  return tableLines([{ title: 'table', least: 20, paint: style.bold }, { title: 'files', least: 9 }, { title: 'size', least: 12 }, { title: 'version', least: 7 }], rows, { width, style })
}

/** The files that are not needed any more. */
export function vacuumedLines(tables: readonly { readonly asset: AssetKey; readonly files: readonly string[]; readonly bytes: number }[], deleted: boolean, { width, style }: Screen): string[] {
  const found = tables.filter(({ files }) => files.length > 0)
  if (found.length === 0) return [`${style.green(style.symbols.good)} ${counted(tables.length, 'table')} looked at: every file is needed, or too young to go.`]
  const rows = found.map(({ asset, files, bytes: size }) => [asset, count(files.length), bytes(size)])
  return [
    ...tableLines([{ title: 'table', least: 20, paint: style.bold }, { title: deleted ? 'files taken away' : 'files not needed', least: 9 }, { title: 'size', least: 8 }], rows, { width, style }),
    ...(deleted ? [] : ['', 'Nothing was taken away. To do it: add --delete']),
  ]
}
