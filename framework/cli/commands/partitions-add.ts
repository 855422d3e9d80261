import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('<name>', 'of the dynamic partitions').argument('<key...>', 'the keys of new slices')).action((name: string, keys: string[], options: ProjectOptions) => {
    const { out } = invocation.terminal
    return withProject(options, invocation, async project => {
      const added = await project.addPartitionKeys(name, keys)
      if (options.json) out.write(document({ name, added }))
      else out.lines([`${added} of ${keys.length} key${keys.length === 1 ? '' : 's'} of ${name} ${added === 1 ? 'is' : 'are'} new.`])
    })
  })
}
