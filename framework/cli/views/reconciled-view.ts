import type { ReconciledSink } from '../../project/reconcile-sinks.ts'
import type { Style } from '../terminal/style.ts'
import { visible } from '../terminal/text-width.ts'
import { counted } from './amounts.ts'
import { tableLines } from './table-view.ts'

interface Look {
  readonly width: number
  readonly style: Style
}

/** A line for each sink, and below it the parts in which it is not as the lake is. */
export function reconciledLines(sinks: readonly ReconciledSink[], look: Look): string[] {
  const { style } = look
  return sinks.flatMap(({ key, missing, differences }) => {
    if (missing) return [`${style.yellow(style.symbols.warning)} ${key}  never published`]
    if (differences.length === 0) return [`${style.green(style.symbols.good)} ${key}  as the lake is`]
    const rows = differences.map(({ partition, measure, lake, sink }) => [visible(partition), measure, lake ?? '-', sink ?? '-'])
    return [
      `${style.red(style.symbols.bad)} ${key}  ${counted(differences.length, 'difference')}`,
      ...tableLines([{ title: 'part' }, { title: 'measure' }, { title: 'lake', align: 'right' }, { title: 'warehouse', align: 'right' }], rows, { ...look, width: look.width - 2 }).map(line => `  ${line}`),
    ]
  })
}
