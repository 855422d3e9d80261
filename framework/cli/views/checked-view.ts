import type { CheckedTable } from '../../project/check-tables.ts'
import type { CheckResult } from '../../vocabulary/check-result.ts'
import type { Style } from '../terminal/style.ts'
import { tableLines } from './table-view.ts'

/** A line a check, asset by asset; then what there is to know in one. */
export function checkedLines(checked: readonly CheckedTable[], { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const results = checked.flatMap(table => table.results)
  const rows = checked.flatMap(({ asset, results, missing }) => (missing ? [[asset, '', 'never materialized']] : results.map(result => [asset, result.check, stateOf(result)])))
  const paint = (shown: string, cell: string) => (cell === 'holds' ? style.green(shown) : cell === 'never materialized' ? style.dim(shown) : cell.startsWith('warns') ? style.yellow(shown) : style.red(shown))
  const broken = results.filter(({ passed, severity }) => !passed && severity === 'error').length
  const warned = results.filter(({ passed, severity }) => !passed && severity === 'warn').length
  const columns = [{ title: 'asset', least: 24, paint: style.bold }, { title: 'check', least: 24 }, { title: '', least: 20, paint, wrap: true }]
  return [...tableLines(columns, rows, { width, style }), '', `${results.length - broken - warned} hold, ${warned} warn, ${broken} ${broken === 1 ? 'is' : 'are'} broken.`]
}

function stateOf({ passed, severity, failingRows, error }: CheckResult): string {
  if (passed) return 'holds'
  const word = severity === 'warn' ? 'warns' : 'broken'
  return error === undefined ? `${word}: ${failingRows} ${failingRows === 1 ? 'row' : 'rows'}` : `${word}: could not be run: ${error.split('\n')[0]}`
}

/** What `check --json` prints of an asset. */
export const checkedDocument = ({ asset, rows, results }: CheckedTable) => ({
  key: asset,
  rows: rows ?? null,
  checks: results.map(({ check, passed, severity, failingRows, proof, durationMs, error }) => ({ name: check, passed, severity, failingRows, ratio: rows ? failingRows / rows : failingRows > 0 ? 1 : 0, proof, durationMs, ...(error !== undefined && { error }) })),
})
