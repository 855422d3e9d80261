import type { QuarantinedRow, QuarantineSummary } from '../../storage/quarantine.ts'
import type { Style } from '../terminal/style.ts'
import { visible, wrapped } from '../terminal/text-width.ts'
import { count, counted } from './amounts.ts'
import { tableLines } from './table-view.ts'

interface Look {
  readonly width: number
  readonly style: Style
}

/** A line for each rule of each asset that rows broke. A row that broke several is counted with each. */
export function quarantineLines(assets: readonly QuarantineSummary[], look: Look): string[] {
  const rows = assets.flatMap(({ key, rules }) => rules.map(({ rule, rows }, i) => [i === 0 ? key : '', count(rows), visible(rule)]))
  const open = assets.filter(asset => asset.open > 0)
  return [
    ...tableLines([{ title: 'asset', least: 16 }, { title: 'rows', align: 'right', least: 4 }, { title: 'rule', wrap: true }], rows, look),
    '',
    `${counted(open.reduce((total, asset) => total + asset.open, 0), 'row')} of ${counted(open.length, 'asset')}. To see them: varve quarantine show ${open[0]?.key ?? '<key>'}`,
  ]
}

/** A row, with what it broke, where it came from, and what it holds. */
export function quarantinedRowLines({ id, rules, row, sourceFile, sourceRow, run, rejectedAt, settledRun }: QuarantinedRow, { width, style }: Look): string[] {
  const from = sourceFile === null ? '' : `, from ${sourceFile}${sourceRow === null ? '' : ` row ${sourceRow}`}`
  const settled = settledRun === null ? '' : `, settled by run ${settledRun.slice(0, 8)}`
  return [
    `${style.yellow(style.symbols.warning)} ${visible(rules.join(', '))}`,
    ...wrapped(visible(`${id}: rejected ${rejectedAt} by run ${run.slice(0, 8)}${from}${settled}`), width, '  ').map(line => style.dim(line)),
    ...wrapped(visible(JSON.stringify(row)), width, '  '),
  ]
}
