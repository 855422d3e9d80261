import { cut, padEnd, textWidth, visible } from '../terminal/text-width.ts'
import type { Style } from '../terminal/style.ts'
import { fits, tableLines, type Column } from './table-view.ts'

/** What a query answered: values as JSON has them, numbers too large for it as text. */
export interface QueryRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

const MOST_CELLS = 60

/** Rows as a table; as a list of their values where they are too wide for one. */
export function rowsLines({ columns, rows }: QueryRows, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  if (columns.length === 0) return []
  const cells = rows.map(row => columns.map(({ name }) => cell(row[name])))
  const look: Column[] = columns.map(({ name, type }) => ({ title: visible(name), ...(isNumber(type) && { align: 'right', least: 12 }), paint: (shown, cell) => (cell === NULL ? style.dim(shown) : shown) }))
  if (fits(look, cells, width)) return tableLines(look, cells.map(row => row.map(text => (width === Infinity ? text : cut(text, Math.max(MOST_CELLS, Math.floor(width / columns.length)))))), { width, style })
  const names = Math.min(Math.max(...look.map(({ title }) => textWidth(title))), Math.floor(width / 2))
  const valueLine = (text: string, c: number) => `  ${style.cyan(padEnd(cut(look[c]!.title, names), names))}  ${look[c]!.paint!(cut(text, Math.max(8, width - names - 4)), text)}`
  return cells.flatMap((row, i) => [style.dim(`row ${i + 1}`)].concat(row.map(valueLine)))
}

const NULL = 'null'
const isNumber = (type: string): boolean => /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL)/i.test(type)

function cell(value: unknown): string {
  if (value === null || value === undefined) return NULL
  return visible(typeof value === 'object' ? JSON.stringify(value) : String(value))
}
