import type { MaskingAudit } from '../../storage/masking-audit.ts'
import type { Style } from '../terminal/style.ts'
import { count } from './amounts.ts'
import { tableLines } from './table-view.ts'

interface Look {
  readonly width: number
  readonly style: Style
}

/** A line for each masked column of each audit: how many values were masked, NULL, or not of the mask's form. */
export function maskingAuditLines(audits: readonly MaskingAudit[], look: Look): string[] {
  const rows = audits.flatMap(({ asset, at, run, rows, columns }) => columns.map(({ column, masked, nulls, invalid }, i) => [
    i === 0 ? asset : '', i === 0 ? at.slice(0, 19).replace('T', ' ') : '', i === 0 ? run.slice(0, 8) : '', column, count(masked), count(nulls), count(invalid), count(rows),
  ]))
  return tableLines([{ title: 'asset', least: 16 }, { title: 'at' }, { title: 'run' }, { title: 'column' }, { title: 'masked', align: 'right' }, { title: 'null', align: 'right' }, { title: 'invalid', align: 'right' }, { title: 'rows', align: 'right' }], rows, look)
}
