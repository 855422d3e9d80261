import { cut, padEnd, pieces, padStart, textWidth, wrapped } from '../terminal/text-width.ts'
import type { Style } from '../terminal/style.ts'

export interface Column {
  readonly title: string
  readonly align?: 'right' | undefined
  /** How a cell looks. It is handed the cell as it is shown, already cut and padded. */
  readonly paint?: ((shown: string, cell: string) => string) | undefined
  /** The least it may be cut to. Default: 8 cells. */
  readonly least?: number | undefined
  /** Of the last column: a cell that is too long goes on in the next line instead of being cut. */
  readonly wrap?: boolean | undefined
}

const GAP = '  '
const LEAST = 8

/** Rows as a table with aligned columns. Where it is wider than allowed, the widest columns give way first. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const widths = fitted(columns, rows, width)
  const lines = rows.flatMap(row => overflowing(columns, row, widths))
  return [
    lineOf(columns, columns.map(({ title }) => title), widths, shown => style.dim(shown)),
    ...lines.map(row => lineOf(columns, row, widths, (shown, i) => columns[i]!.paint?.(shown, row[i]!) ?? shown)),
  ]
}

function lineOf(columns: readonly Column[], cells: readonly string[], widths: readonly number[], paint: (shown: string, i: number) => string): string {
  const last = columns.length - 1
  return cells.map((cell, i) => {
    const shown = cut(cell, widths[i]!)
    return paint(columns[i]!.align === 'right' ? padStart(shown, widths[i]!) : i === last ? shown : padEnd(shown, widths[i]!), i)
  }).join(GAP).trimEnd()
}

/** A row in as many lines as its last cell needs. */
function overflowing(columns: readonly Column[], row: readonly string[], widths: readonly number[]): (readonly string[])[] {
  if (!columns.at(-1)!.wrap) return [row]
  const [first = '', ...more] = wrapped(row.at(-1)!, widths.at(-1)!).flatMap(line => pieces(line, widths.at(-1)!))
  return [[...row.slice(0, -1), first], ...more.map(line => [...row.slice(0, -1).map(() => ''), line])]
}

/** Whether the table can be had in this width without cutting any column below its least. */
export function fits(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): boolean {
  const least = naturalWidths(columns, rows).map((natural, i) => Math.min(natural, columns[i]!.least ?? LEAST))
  return total(least) <= width
}

/** First down to what the columns want at least, then down to what can be shown at all. */
function fitted(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const wanted = given(naturalWidths(columns, rows), columns.map(({ least }) => least ?? LEAST), width)
  return given(wanted, columns.map(() => 3), width)
}

function given(natural: readonly number[], least: readonly number[], width: number): number[] {
  const widths = [...natural]
  for (let over = total(widths) - width; over > 0; over = total(widths) - width) {
    const canGive = widths.flatMap((each, i) => (each > least[i]! ? [i] : []))
    if (canGive.length === 0) return widths
    const widest = Math.max(...canGive.map(i => widths[i]!))
    const givers = canGive.filter(i => widths[i] === widest)
    const next = Math.max(0, ...canGive.map(i => widths[i]!).filter(each => each < widest))
    const share = Math.ceil(over / givers.length)
    for (const i of givers) widths[i] = Math.max(least[i]!, next, widest - share)
  }
  return widths
}

const naturalWidths = (columns: readonly Column[], rows: readonly (readonly string[])[]): number[] =>
  columns.map(({ title }, i) => rows.reduce((widest, row) => Math.max(widest, textWidth(row[i]!)), textWidth(title)))

const total = (widths: readonly number[]): number => widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1)
