import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { diagnosisLines } from '../views/diagnosis-view.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command).action((options: ProjectOptions) => doctor(options, invocation))
}

/** Ends with 1 where something is missing. */
async function doctor({ profile, lake, sources, json, quiet }: ProjectOptions, { terminal: { out }, endWith }: Invocation): Promise<void> {
  const { diagnose } = await import('../../project/doctor.ts')
  const diagnosis = await diagnose({ profile, lake, sources })
  const ok = diagnosis.findings.every(({ status }) => status === 'good' || status === 'warning')
  if (json) out.write(document({ ok, profile: diagnosis.profile, lake: diagnosis.lake ?? null, checks: diagnosis.findings.map(({ check, ...rest }) => ({ name: check, ...rest })) }))
  else out.lines(diagnosisLines(diagnosis, { quiet: quiet ?? false, width: out.width, style: out.style }))
  if (!ok) endWith(1)
}
