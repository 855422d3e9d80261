import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { applicationLines } from '../views/application-view.ts'
import { document } from '../views/document.ts'

interface Options extends ProjectOptions {
  readonly apply?: true
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.option('--apply', 'make or change it; without it the differences are only told')).action((options: Options) => application(options, invocation))
}

function application(options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const settled = await project.application(options.apply ?? false)
    if (options.json) out.write(document({ ...settled, application: settled.application ?? null, state: settled.state ?? null }))
    else out.lines(applicationLines(settled, out))
  })
}
