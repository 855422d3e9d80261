import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { quarantineLines } from '../views/quarantine-view.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('[selection...]', 'assets (default: all)')).action((selection: string[], options: ProjectOptions) => list(selection, options, invocation))
}

function list(selection: readonly string[], options: ProjectOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const assets = await project.quarantine(selection)
    if (options.json) out.write(document({ assets }))
    else out.lines(assets.every(({ open }) => open === 0) ? ['Nothing is in quarantine.'] : quarantineLines(assets, out))
  })
}
