import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { Interrupt } from '../interrupt.ts'
import { withProject, withProjectOptions } from '../project-options.ts'
import { resumeCommand } from '../shell-words.ts'
import { watcherOn } from '../watched-run.ts'
import { document } from '../views/document.ts'
import { runDocument } from '../views/run-summary-view.ts'
import { plan, withSelection, type PlanOptions } from './plan.ts'

interface Options extends PlanOptions {
  readonly dryRun?: true
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(withSelection(command).option('--dry-run', 'only say what would be done, as "plan" does')).action(
    (selection: string[], options: Options) => (options.dryRun ? plan(selection, options, invocation) : materialize(selection, options, invocation)),
  )
}

async function materialize(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out, err } = invocation.terminal
  const watcher = watcherOn(options.json ? err : out, options.quiet ?? false)
  const interrupt = new Interrupt(message => watcher.say(message))
  try {
    await withProject(options, invocation, async project => {
      const { exclude, force, jobs } = options
      const result = await project.materialize({ selection, exclude, force }, { signal: interrupt.signal, listen: event => watcher.listen(event), jobs })
      watcher.end(result, resumeCommand(invocation.words, selection, result))
      if (options.json) out.write(document(runDocument(result)))
      invocation.endWith(interrupt.exitCode ?? (result.ok ? 0 : 1))
    }, message => watcher.say(message))
  } finally {
    watcher.leave()
    interrupt.close()
  }
}
