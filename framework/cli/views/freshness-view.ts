import type { Crossing, FreshnessRule } from '../../planning/freshness-rule.ts'
import type { Freshness } from '../../planning/freshness.ts'
import type { Style } from '../terminal/style.ts'
import { counted, duration } from './amounts.ts'
import { byLayer } from './by-layer.ts'
import { fits, tableLines, type Column } from './table-view.ts'

/** A line an asset: its state, how old it is, what is allowed, when that changes, and what holds it back. */
export function freshnessLines(found: readonly Freshness[], now: Date, { width, style, isTerminal }: { readonly width: number; readonly style: Style; readonly isTerminal: boolean }): string[] {
  const all: readonly Column[] = [
    { title: 'asset', least: 30 },
    { title: 'state', least: 7, paint: (shown, cell) => painted(cell, style)(shown) },
    { title: 'age', align: 'right', least: 8 },
    { title: 'limit', least: 16 },
    { title: 'until', least: 11 },
    { title: 'held back by', least: 16, wrap: true },
  ]
  const whole = byLayer(found.map(each => ({ key: each.asset, each }))).map(({ each }) => [
    each.asset, each.state, each.ageMs === undefined ? '' : ageInWords(each.ageMs), each.limit ? limitInWords(each.limit) : '',
    each.until === undefined ? '' : isTerminal ? inTime(each.until, now) : new Date(each.until).toISOString(), each.blame ?? (each.state === 'unknown' ? (each.why ?? '') : ''),
  ])
  // Where there is no room for all, the limit is what `until` says already.
  const shown = fits(all, whole, width) ? all.map((_, i) => i) : all.flatMap(({ title }, i) => (title === 'limit' ? [] : [i]))
  const [columns, rows] = [shown.map(i => all[i]!), whole.map(row => shown.map(i => row[i]!))]
  const count = (state: string) => found.filter(each => each.state === state).length
  const tally = ['pass', 'warn', 'fail', 'unknown'].filter(state => count(state) > 0).map(state => `${count(state)} ${state}`)
  return [...tableLines(columns, rows, { width, style }), '', `${tally.length === 0 ? 'No policy' : tally.join(', ')}; ${counted(count('none'), 'asset')} without a policy.`]
}

/** `40 s`, `12 m`, `3 h 05 m`, `6 d 04 h`. */
export function ageInWords(millis: number): string {
  if (millis < 60_000) return `${Math.floor(millis / 1000)} s`
  if (millis < 3_600_000) return `${Math.floor(millis / 60_000)} m`
  if (millis < 2 * 86_400_000) return duration(Math.floor(millis / 60_000) * 60_000)
  return `${Math.floor(millis / 86_400_000)} d ${String(Math.floor(millis / 3_600_000) % 24).padStart(2, '0')} h`
}

export const limitInWords = (limit: Crossing['limit']): string => (limit.kind === 'age' ? ageInWords(limit.ms) : `by ${limit.cron} ${limit.timezone}`)

const inTime = (at: number, now: Date): string => `in ${ageInWords(Math.max(0, at - now.getTime()))}`

function painted(state: string, style: Style): (text: string) => string {
  switch (state) {
    case 'pass': return style.green
    case 'warn': return style.yellow
    case 'fail': return style.red
    case 'unknown': return style.yellow
    default: return style.dim
  }
}

/** One asset as `freshness --json` prints it. Spans are in milliseconds. */
export const freshnessDocument = ({ asset, rule, state, clock, newest, ageMs, limit, until, blame, why }: Freshness) => ({
  key: asset,
  state,
  policy: rule ? policyDocument(rule) : null,
  clock,
  newest: instantOf(newest),
  age: ageMs ?? null,
  limit: limit ? (limit.kind === 'age' ? { kind: limit.kind, after: limit.ms } : { kind: limit.kind, at: instantOf(limit.at), cron: limit.cron, timezone: limit.timezone }) : null,
  until: instantOf(until),
  blame: blame ?? null,
  ...(state === 'unknown' && why !== undefined && { why }),
})

const policyDocument = ({ from, warnMs, failMs, deadlines, column, runbook }: FreshnessRule) => ({
  from,
  warnAfter: warnMs ?? null,
  failAfter: failMs ?? null,
  deadlines: deadlines.map(({ cron, timezone, graceMs, lowerBoundMs }) => ({ cron, timezone, grace: graceMs, lowerBound: lowerBoundMs ?? null })),
  column: column ?? null,
  runbook: runbook ?? null,
})

const instantOf = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString())
