import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { reconciledLines } from '../views/reconciled-view.ts'

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('[selection...]', 'assets that are published (default: all)')).action((selection: string[], options: ProjectOptions) => reconcile(selection, options, invocation))
}

/** Ends with 1 where a sink is not as the lake is. */
function reconcile(selection: readonly string[], options: ProjectOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const sinks = await project.reconcile(selection, new AbortController().signal)
    const ok = sinks.every(({ missing, differences }) => !missing && differences.length === 0)
    if (!ok) invocation.endWith(1)
    if (options.json) out.write(document({ ok, sinks }))
    else out.lines(sinks.length === 0 ? ['Nothing that can be compared is selected.'] : reconciledLines(sinks, out))
  })
}
