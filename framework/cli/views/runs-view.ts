import type { RunRecord, RunSummary, StepRecord } from '../../state/run-record.ts'
import type { Style } from '../terminal/style.ts'
import { visibleLines } from '../terminal/text-width.ts'
import { costsOf, type JobFacts } from '../../vocabulary/job-facts.ts'
import { ago, bytes, count, counted, duration } from './amounts.ts'
import { qualityOf } from '../../vocabulary/check-result.ts'
import { checkDocument } from './check-document.ts'
import { causeDocument, causesInWords } from './cause-words.ts'
import { warningText } from './warning-words.ts'
import { tableLines } from './table-view.ts'

interface Look {
  readonly width: number
  readonly style: Style
  readonly isTerminal: boolean
}

/** A line a run, newest first. */
export function runsLines(runs: readonly RunSummary[], now: Date, { width, style, isTerminal }: Look): string[] {
  const columns = [{ title: 'run' }, { title: 'started', least: 12 }, { title: 'status', least: 10, paint: (shown: string, cell: string) => painted(cell, style)(shown) }, { title: 'took', align: 'right' as const }, { title: 'steps', least: 9 }, { title: 'rows', align: 'right' as const }, { title: 'selection', least: 9 }]
  const rows = runs.map(({ run, startedAt, status, durationMs, ended, planned, rowsOut, selection }) => [
    shownRun(run, isTerminal), isTerminal ? ago(startedAt, now) : startedAt, status, durationMs === undefined ? '' : duration(durationMs), stepsInWords(ended, planned), count(rowsOut), selection,
  ])
  return tableLines(columns, rows, { width, style })
}

/** A run's name as a person needs it: its beginning is enough to ask for it. */
export const shownRun = (run: string, isTerminal: boolean): string => (isTerminal ? run.slice(0, 8) : run)

/** What one run did, a line a step. */
export function runLines(run: RunRecord, { width, style }: Look): string[] {
  const columns = [{ title: 'asset', least: 30 }, { title: 'status', least: 12, paint: (shown: string, cell: string) => painted(cell, style)(shown) }, { title: 'rows', align: 'right' as const, least: 6 }, { title: 'took', align: 'right' as const }, { title: 'version', align: 'right' as const, least: 7 }, { title: 'why', least: 16, wrap: true }]
  const rows = run.steps.map(step => [
    step.partition === undefined ? step.asset : `${step.asset}@${step.partition}`, step.unchanged ? 'unchanged' : step.status, step.counts ? count(step.counts.rowsOut) : '',
    step.durationMs === undefined ? '' : duration(step.durationMs), step.tableVersion === undefined ? '' : String(step.tableVersion), causesInWords(step.causes),
  ])
  return [
    `${style.bold(run.run)}  ${painted(run.status, style)(run.status)}, started ${run.startedAt}${run.durationMs === undefined ? `, last heard of ${run.lastAt}` : `, took ${duration(run.durationMs)}`}`,
    `${counted(run.planned, 'step')}, ${counted(run.fresh, 'asset')} fresh; selection ${run.selection}; profile ${run.profile}`,
    '',
    ...tableLines(columns, rows, { width, style }),
    ...jobLines(run.steps, { width, style }),
    ...run.steps.flatMap(step => troubles(step, style)),
  ]
}

/** The jobs on other machines, a line each, and what they cost together. */
function jobLines(steps: readonly StepRecord[], look: Pick<Look, 'width' | 'style'>): string[] {
  const all = steps.flatMap(({ asset, jobs = [] }) => jobs.map(job => ({ asset, ...job })))
  if (all.length === 0) return []
  const right = 'right' as const
  const columns = [{ title: 'asset', least: 24 }, { title: 'engine', least: 6 }, { title: 'job', least: 16 }, { title: 'queued', align: right }, { title: 'started in', align: right }, { title: 'ran', align: right }, { title: 'scanned', align: right }, { title: 'cost', align: right, least: 7 }]
  const took = (ms: number | undefined) => (ms === undefined ? '' : duration(ms))
  const rows = all.map(({ asset, engine, id, queuedMs, startMs, ranMs, bytesScanned, cost }) => [asset, engine, id, took(queuedMs), took(startMs), took(ranMs), bytesScanned === undefined ? '' : bytes(bytesScanned), costText(cost)])
  const sums = Object.entries(costsOf(all)).map(([currency, amount]) => `${amount} ${currency}`)
  return ['', ...tableLines(columns, rows, look), ...(sums.length > 0 ? [`${counted(all.length, 'job')}, ${sums.join(' and ')} so far`] : [])]
}

const costText = (cost: JobFacts['cost']): string => (cost.status === 'billed' ? `${cost.amount} ${cost.currency}` : cost.status === 'pending' ? 'not billed yet' : '')

function troubles({ asset, status, error, because, checks }: StepRecord, style: Style): string[] {
  const broken = checks.filter(({ passed }) => !passed).map(result => `  ${warningText(result)}`)
  if (status === 'skipped') return ['', `${style.yellow(style.symbols.skipped)} ${asset}: ${because} did not end well`]
  if (status !== 'failed' && status !== 'check-failed') return broken.length > 0 ? ['', `${style.yellow(style.symbols.warning)} ${asset}`, ...broken] : []
  return ['', `${style.red(style.symbols.bad)} ${asset}`, ...(error ? [`  ${style.red(error.code)}: ${visibleLines(error.message).replaceAll('\n', '\n  ')}`, ...(error.hint ? [`  ${visibleLines(error.hint)}`] : [])] : [])]
}

const stepsInWords = (ended: RunSummary['ended'], planned: number): string => {
  const good = (ended.materialized ?? 0) + (ended.fresh ?? 0)
  return good === planned ? String(planned) : `${good} of ${planned}`
}

function painted(status: StepRecord['status'] | RunSummary['status'] | string, style: Style): (text: string) => string {
  if (['succeeded', 'materialized', 'fresh', 'unchanged'].includes(status)) return style.green
  return ['failed', 'check-failed'].includes(status) ? style.red : style.yellow
}

/** One run as `runs --json` prints it. */
export const summaryDocument = ({ run, startedAt, lastAt, status, selection, profile, planned, fresh, ended, rowsOut, durationMs }: RunSummary) => ({
  run, startedAt, lastAt, status, selection, profile, planned, fresh, ended, rowsOut, durationMs: durationMs ?? null,
})

/** A run with its steps as `runs RUN --json` prints it. */
export const runDocument = (run: RunRecord) => ({ ...summaryDocument(run), costs: costsOf(run.steps.flatMap(({ jobs = [] }) => jobs)), steps: run.steps.map(stepDocument) })

/** A job on other machines; what is not known of it is null. */
export const jobDocument = ({ engine, id, queuedMs, startMs, ranMs, bytesScanned, cost }: JobFacts) => ({ engine, id, queuedMs: queuedMs ?? null, startMs: startMs ?? null, ranMs: ranMs ?? null, bytesScanned: bytesScanned ?? null, cost })

const stepDocument = ({ asset, partition, status, causes, attempts, startedAt, durationMs, counts, tableVersion, unchanged, checks, error, because, stages, read, jobs = [] }: StepRecord) => ({
  key: asset,
  ...(partition !== undefined && { partition }),
  status,
  causes: causes.map(causeDocument),
  attempts,
  startedAt: startedAt ?? null,
  durationMs: durationMs ?? null,
  rowsIn: counts?.rowsIn ?? null,
  read: counts ? (counts.read ?? (counts.accepted ?? counts.rowsOut) + counts.rejected + (counts.deduplicated ?? 0)) : null,
  rowsOut: counts?.rowsOut ?? null,
  accepted: counts ? (counts.accepted ?? counts.rowsOut) : null,
  rejected: counts?.rejected ?? null,
  deduplicated: counts ? (counts.deduplicated ?? 0) : null,
  tableVersion: tableVersion ?? null,
  unchanged: unchanged ?? false,
  quality: qualityOf(checks),
  checks: checks.map(checkDocument),
  readVersions: read ?? {},
  stages: stages ?? null,
  jobs: jobs.map(jobDocument),
  ...(error && { error }),
  ...(because && { because }),
})
