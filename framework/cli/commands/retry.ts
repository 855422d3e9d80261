import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { planDocument, planLines } from '../views/plan-view.ts'
import { runOn } from './materialize.ts'
import { oneRun } from './runs.ts'

interface Options extends ProjectOptions {
  readonly dryRun?: true
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('[run]', 'the first characters of its name are enough; without it the newest run').option('--dry-run', 'only say what would be done')).action(
    (run: string | undefined, options: Options) => retry(run, options, invocation),
  )
}

function retry(asked: string | undefined, options: Options, invocation: Invocation): Promise<void> {
  if (!options.dryRun) return runOn(options, invocation, [], (project, running) => project.retry(oneRun(asked, project.runs().map(({ run }) => run)), running))
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const plan = await project.planOfRetry(oneRun(asked, project.runs().map(({ run }) => run)))
    if (options.json) out.write(document(planDocument(plan)))
    else out.lines(planLines(plan, out))
  })
}
