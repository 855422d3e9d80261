import type { RecordedTrace } from '../../state/automation-log.ts'
import type { ConditionTrace } from '../../vocabulary/condition-trace.ts'
import type { Style } from '../terminal/style.ts'

/** How a condition came to its answer, as a tree: what holds, and for which slices. */
export function traceLines({ at, requested, trace }: RecordedTrace, { style }: { readonly style: Style }): string[] {
  const answer = requested === undefined ? 'nothing was asked for' : requested === 'all' ? 'it was asked for' : `${requested} was asked for`
  return [`${style.bold(at.replace(/\.\d+Z$/, 'Z'))} ${requested === undefined ? answer : style.green(answer)}`, ...branch(trace, '  ', style)]
}

function branch({ label, holds, slices, of }: ConditionTrace, indent: string, style: Style): string[] {
  const mark = holds ? style.green(style.symbols.good) : style.dim(style.symbols.waiting)
  return [`${indent}${mark} ${holds ? label : style.dim(label)}${slices === undefined ? '' : `  ${slices}`}`, ...of.flatMap(part => branch(part, `${indent}  `, style))]
}

/** One evaluation as `why --json` prints it. */
export const traceDocument = ({ at, requested, trace }: RecordedTrace) => ({ at, requested: requested ?? null, trace })
