import { cut, padEnd, padStart, textWidth } from '../terminal/text-width.ts'
import type { Style } from '../terminal/style.ts'

export interface Column {
  readonly title: string
  readonly align?: 'right' | undefined
  /** How a cell looks. It is handed the cell as it is shown, already cut and padded. */
  readonly paint?: ((shown: string, cell: string) => string) | undefined
  /** The least it may be cut to. Default: 8 cells. */
  readonly least?: number | undefined
}

const GAP = '  '
const LEAST = 8

/** Rows as a table with aligned columns. Where it is wider than allowed, the widest columns give way first. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const widths = fitted(columns, rows, width)
  const line = (cells: readonly string[], paint: (shown: string, i: number) => string) =>
    cells.map((cell, i) => paint((columns[i]!.align === 'right' ? padStart : padEnd)(cut(cell, widths[i]!), i === columns.length - 1 && columns[i]!.align !== 'right' ? 0 : widths[i]!), i)).join(GAP).trimEnd()
  return [
    line(columns.map(({ title }) => title), shown => style.dim(shown)),
    ...rows.map(row => line(row, (shown, i) => columns[i]!.paint?.(shown, row[i]!) ?? shown)),
  ]
}

/** Whether the table can be had in this width without cutting any column below its least. */
export function fits(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): boolean {
  const least = naturalWidths(columns, rows).map((natural, i) => Math.min(natural, columns[i]!.least ?? LEAST))
  return total(least) <= width
}

function fitted(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = naturalWidths(columns, rows)
  for (let over = total(widths) - width; over > 0; over = total(widths) - width) {
    const canGive = widths.flatMap((each, i) => (each > (columns[i]!.least ?? LEAST) ? [i] : []))
    if (canGive.length === 0) return widths
    const widest = Math.max(...canGive.map(i => widths[i]!))
    const givers = canGive.filter(i => widths[i] === widest)
    const next = Math.max(0, ...canGive.map(i => widths[i]!).filter(each => each < widest))
    const share = Math.ceil(over / givers.length)
    for (const i of givers) widths[i] = Math.max(columns[i]!.least ?? LEAST, next, widest - share)
  }
  return widths
}

const naturalWidths = (columns: readonly Column[], rows: readonly (readonly string[])[]): number[] =>
  columns.map(({ title }, i) => rows.reduce((widest, row) => Math.max(widest, textWidth(row[i]!)), textWidth(title)))

const total = (widths: readonly number[]): number => widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1)
