import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { freshnessDocument, freshnessLines } from '../views/freshness-view.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('[selection...]', 'which assets; without it all of them')).action((selection: string[], options: ProjectOptions) => freshness(selection, options, invocation))
}

/** Ends with 1 where an asset is too old, so that a script can go by it. */
function freshness(selection: readonly string[], options: ProjectOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const found = await project.freshness(selection)
    if (options.json) out.write(document({ assets: found.map(freshnessDocument) }))
    else out.lines(freshnessLines(found, options.now ?? new Date(), out))
    if (found.some(({ state }) => state === 'fail')) invocation.endWith(1)
  })
}
