import type { DailyCost } from '../../project/job-costs.ts'
import { costsOf } from '../../vocabulary/job-facts.ts'
import type { Style } from '../terminal/style.ts'
import { bytes, count, counted, duration } from './amounts.ts'
import { tableLines } from './table-view.ts'

const RIGHT = 'right' as const

/** A line for each asset and day, and the sum. */
export function costLines(days: readonly DailyCost[], look: { readonly width: number; readonly style: Style }): string[] {
  const rows = days.map(({ day, key, jobs, ranMs, bytesScanned, costs, pending }) => [day, key, count(jobs), duration(ranMs), bytesScanned === 0 ? '' : bytes(bytesScanned), amounts(costs), pending === 0 ? '' : count(pending)])
  const pending = days.reduce((sum, each) => sum + each.pending, 0)
  const columns = [{ title: 'day', least: 10 }, { title: 'asset', least: 24 }, { title: 'jobs', align: RIGHT, least: 4 }, { title: 'ran', align: RIGHT }, { title: 'scanned', align: RIGHT }, { title: 'cost', align: RIGHT }, { title: 'not billed yet', align: RIGHT }]
  return [...tableLines(columns, rows, look), `${counted(days.reduce((sum, { jobs }) => sum + jobs, 0), 'job')}: ${amounts(sumOf(days)) || 'nothing billed'}${pending === 0 ? '' : `, ${count(pending)} not billed yet`}`]
}

/** What all of it came to, by currency. */
export const sumOf = (days: readonly DailyCost[]): Readonly<Record<string, number>> =>
  costsOf(days.flatMap(({ costs }) => Object.entries(costs).map(([currency, amount]) => ({ cost: { status: 'billed' as const, amount, currency } }))))

const amounts = (costs: Readonly<Record<string, number>>): string => Object.entries(costs).map(([currency, amount]) => `${amount} ${currency}`).join(' and ')
