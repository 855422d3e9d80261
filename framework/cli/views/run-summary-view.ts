import type { RunResult, StepResult } from '../../execution/run-result.ts'
import { qualityOf, stops, type QualityStatus } from '../../vocabulary/check-result.ts'
import type { StepStatus } from '../../vocabulary/run-event.ts'
import type { Style } from '../terminal/style.ts'
import { visible, visibleLines, wrapped } from '../terminal/text-width.ts'
import { duration } from './amounts.ts'
import { checkDocument, type CheckDocument } from './check-document.ts'
import { causeDocument, type CauseDocument } from './cause-words.ts'
import { rejectsNearlyAll, rejectsNearlyAllText, warningText } from './warning-words.ts'

interface Look {
  readonly width: number
  readonly style: Style
}

/** How a run ended: the counts, what went wrong with what to do about it, and the command that resumes. */
export function runSummaryLines(result: RunResult, resume: string, { width, style }: Look): string[] {
  const broken = result.steps.filter(({ status }) => status === 'failed' || status === 'check-failed')
  const symbol = result.ok ? style.green(style.symbols.good) : result.cancelled ? style.yellow(style.symbols.skipped) : style.red(style.symbols.bad)
  return [
    `${symbol} ${countsInWords(result)} in ${duration(result.durationMs)}.`,
    ...warnings(result, style),
    ...broken.flatMap(step => failureLines(step, result, { width, style })),
    ...(result.ok ? [] : ['', `To go on from here: ${style.bold(resume)}`]),
  ]
}

/** One failed step, after an empty line: what went wrong, the promises that do not hold, the hint, and whom it held up. */
function failureLines({ asset, partition, error, checks }: StepResult, { steps }: RunResult, { width, style }: Look): string[] {
  const held = [...new Set(steps.filter(({ because }) => because === asset).map(step => step.asset))]
  const said = [
    ...(error ? [`${style.red(error.code)}: ${visibleLines(error.message)}`] : []),
    ...checks.filter(({ passed, sample }) => !passed && sample?.length).map(({ check, sample }) => visible(`"${check}", as in ${short(JSON.stringify(sample![0]))}`)),
    ...(error?.hint ? [visibleLines(error.hint)] : []),
    ...(held.length > 0 ? [`Held up: ${held.slice(0, 8).join(', ')}${held.length > 8 ? ` and ${held.length - 8} more` : ''}`] : []),
  ]
  return ['', `${style.red(style.symbols.bad)} ${style.bold(partition === undefined ? asset : `${asset}@${partition}`)}`, ...said.flatMap(text => wrapped(text, width, '  '))]
}

const short = (text: string): string => (text.length <= 160 ? text : `${text.slice(0, 159)}…`)

const warnings = ({ steps }: RunResult, style: Style): string[] =>
  steps.flatMap(({ asset, status, checks }) =>
    checks.filter(result => !result.passed && (status === 'materialized' || status === 'fresh' || !stops(result))).flatMap(result => (rejectsNearlyAll(result)
      ? [`${style.red(style.symbols.warning)} ${asset}: ${warningText(result)}`, `  ${style.red(style.bold(rejectsNearlyAllText(result)))}`]
      : [`${style.yellow(style.symbols.warning)} ${asset}: ${warningText(result)}`])))

/** `12 written, 3 unchanged, 1 failed, 2 skipped`. */
export function countsInWords({ steps }: Pick<RunResult, 'steps'>): string {
  const of = (status: StepStatus, unchanged?: boolean) => steps.filter(step => step.status === status && (unchanged === undefined || step.unchanged === unchanged)).length
  const counts = [[of('materialized', false), 'written'], [of('materialized', true), 'unchanged'], [of('fresh'), 'fresh'], [of('failed') + of('check-failed'), 'failed'], [of('skipped'), 'skipped'], [of('cancelled'), 'cancelled']] as const
  return counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`).join(', ') || 'Nothing to do'
}

/** What `materialize --json` prints. */
export interface RunDocument {
  readonly run: string
  readonly ok: boolean
  readonly steps: readonly StepDocument[]
}

export interface StepDocument {
  readonly key: string
  readonly partition?: string
  readonly status: StepStatus
  readonly causes: readonly CauseDocument[]
  readonly rowsIn: number
  readonly read: number
  readonly rowsOut: number
  readonly accepted: number
  readonly rejected: number
  readonly deduplicated: number
  /** Null where nothing has been published. */
  readonly tableVersion: number | null
  readonly durationMs: number
  /** What the checks come to. */
  readonly quality: QualityStatus
  readonly checks: readonly CheckDocument[]
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string | undefined }
  /** Of a skipped step: the asset that did not end well, however far up. */
  readonly because?: string
}

export const runDocument = ({ run, ok, steps }: RunResult): RunDocument => ({ run, ok, steps: steps.map(stepDocument) })

const stepDocument = ({ asset, partition, status, causes, counts, tableVersion, durationMs, checks, error, because }: StepResult): StepDocument => ({
  key: asset,
  ...(partition !== undefined && { partition }),
  status,
  causes: causes.map(causeDocument),
  rowsIn: counts.rowsIn,
  read: counts.read ?? (counts.accepted ?? counts.rowsOut) + counts.rejected + (counts.deduplicated ?? 0),
  rowsOut: counts.rowsOut,
  accepted: counts.accepted ?? counts.rowsOut,
  rejected: counts.rejected,
  deduplicated: counts.deduplicated ?? 0,
  tableVersion: tableVersion ?? null,
  durationMs,
  quality: qualityOf(checks),
  checks: checks.map(checkDocument),
  ...(error && { error }),
  ...(because && { because }),
})
