import { factsText } from '../../engines/emr-cost.ts'
import type { CheckedTable } from '../../project/check-tables.ts'
import { qualityOf, type CheckResult } from '../../vocabulary/check-result.ts'
import type { Style } from '../terminal/style.ts'
import { checkDocument } from './check-document.ts'
import { tableLines } from './table-view.ts'

/** A line a check, asset by asset; then what there is to know in one. */
export function checkedLines(checked: readonly CheckedTable[], { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const results = checked.flatMap(table => table.results)
  const rows = checked.flatMap(({ asset, results, missing }) => (missing ? [[asset, '', 'broken: never materialized']] : results.map(result => [asset, result.check, stateOf(result)])))
  const paint = (shown: string, cell: string) => (cell.startsWith('holds') ? style.green(shown) : cell.startsWith('warns') ? style.yellow(shown) : style.red(shown))
  const broken = results.filter(({ passed, severity }) => !passed && severity === 'error').length
  const warned = results.filter(({ passed, severity }) => !passed && severity === 'warn').length
  const columns = [{ title: 'asset', least: 24, paint: style.bold }, { title: 'check', least: 24 }, { title: '', least: 20, paint, wrap: true }]
  const jobs = checked.flatMap(({ asset, job }) => (job ? [style.dim(`${asset}: ${factsText(job)}.`)] : []))
  return [...tableLines(columns, rows, { width, style }), ...(jobs.length > 0 ? ['', ...jobs] : []), '', `${results.length - broken - warned} hold, ${warned} warn, ${broken} ${broken === 1 ? 'is' : 'are'} broken.`]
}

function stateOf(result: CheckResult): string {
  const { passed, severity, failingRows, error, detail } = result
  if (passed) return result.proof === 'proven' ? 'holds, proven' : 'holds'
  const word = severity === 'warn' ? 'warns' : 'broken'
  if (error !== undefined) return `${word}: could not be run: ${error.split('\n')[0]}`
  return detail === undefined ? `${word}: ${failingRows} ${failingRows === 1 ? 'row' : 'rows'}` : `${word}: ${detail}`
}

/** What `check --json` prints of an asset. */
export const checkedDocument = ({ asset, tableVersion, rows, results, job }: CheckedTable) => ({ key: asset, tableVersion: tableVersion ?? null, rows: rows ?? null, quality: qualityOf(results), checks: results.map(checkDocument), ...(job && { job }) })
