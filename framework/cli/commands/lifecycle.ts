import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { lifecycleLines } from '../views/lifecycle-view.ts'

interface Options extends ProjectOptions {
  readonly apply?: true
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.option('--apply', 'set the rules; without it they are only told')).action((options: Options) => lifecycle(options, invocation))
}

function lifecycle(options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const { rules, excluded, ...diff } = await project.lifecycle(options.apply ?? false)
    if (options.json) out.write(document({ ...diff, rules, excluded }))
    else out.lines(lifecycleLines({ rules, excluded, ...diff }, out))
  })
}
