import type { Diagnosis } from '../../project/doctor.ts'
import type { Finding } from '../../project/finding.ts'
import type { Style } from '../terminal/style.ts'
import { visible, wrapped } from '../terminal/text-width.ts'

/** A line a finding, and below what is not good what to do about it. Quietly, only those. */
export function diagnosisLines({ profile, findings }: Diagnosis, { quiet, width, style }: { readonly quiet: boolean; readonly width: number; readonly style: Style }): string[] {
  const marks: Readonly<Record<Finding['status'], string>> = {
    good: style.green(style.symbols.good), warning: style.yellow(style.symbols.warning), bad: style.red(style.symbols.bad), skipped: style.dim('-'),
  }
  const shown = quiet ? findings.filter(({ status }) => status !== 'good') : findings
  const missing = findings.filter(({ status }) => status === 'bad').length
  return [
    ...shown.flatMap(({ check, status, message, hint }) => [...wrapped(`${marks[status]} ${style.bold(check)}  ${visible(message)}`, width), ...(hint === undefined ? [] : wrapped(visible(hint), width, '    '))]),
    ...(quiet && missing === 0 ? [] : ['', missing === 0 ? `Profile ${profile} is ready.` : `Profile ${profile} is not ready: ${missing} ${missing === 1 ? 'thing is' : 'things are'} missing.`]),
  ]
}
