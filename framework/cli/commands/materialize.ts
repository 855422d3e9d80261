import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { Interrupt } from '../interrupt.ts'
import type { RunResult } from '../../execution/run-result.ts'
import type { Project, RunOptions } from '../../project/project.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { resumeCommand } from '../shell-words.ts'
import { watcherOn } from '../watched-run.ts'
import { document } from '../views/document.ts'
import { runDocument } from '../views/run-summary-view.ts'
import { plan, wantedOf, withSelection, type PlanOptions } from './plan.ts'

interface Options extends PlanOptions {
  readonly dryRun?: true
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(withSelection(command).option('--dry-run', 'only say what would be done, as "plan" does')).action(
    (selection: string[], options: Options) => (options.dryRun ? plan(selection, options, invocation) : materialize(selection, options, invocation)),
  )
}

const materialize = (selection: readonly string[], options: Options, invocation: Invocation): Promise<void> =>
  runOn(options, invocation, selection, (project, running) => project.materialize({ selection, ...wantedOf(options) }, running))

/** Runs something on the project, watched and interruptible, and tells how it went. */
export async function runOn(options: ProjectOptions, invocation: Invocation, selection: readonly string[], work: (project: Project, running: RunOptions) => Promise<RunResult>): Promise<void> {
  const { out, err } = invocation.terminal
  const watcher = watcherOn(options.json ? err : out, options.quiet ?? false)
  const interrupt = new Interrupt(message => watcher.say(message))
  try {
    await withProject(options, invocation, async project => {
      const result = await work(project, { signal: interrupt.signal, listen: event => watcher.listen(event), progress: watcher.drawsProgress, jobs: options.jobs })
      watcher.end(result, resumeCommand(invocation.words, selection, result))
      if (options.json) out.write(document(runDocument(result)))
      invocation.endWith(interrupt.exitCode ?? (result.ok ? 0 : 1))
    }, message => watcher.say(message))
  } finally {
    watcher.leave()
    interrupt.close()
  }
}
