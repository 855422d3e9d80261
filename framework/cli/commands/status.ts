import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { statusDocument, statusLines } from '../views/status-view.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('[selection...]', 'which assets; without it all of them')).action((selection: string[], options: ProjectOptions) => status(selection, options, invocation))
}

function status(selection: readonly string[], options: ProjectOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const assets = await project.status(selection)
    if (options.json) out.write(document({ assets: assets.map(statusDocument) }))
    else out.lines(statusLines(assets, options.now ?? new Date(), out))
  })
}
