import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { checkedDocument, checkedLines } from '../views/checked-view.ts'
import { document } from '../views/document.ts'

interface Options extends ProjectOptions {
  readonly against?: string
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[selection...]', 'the checks of these; without it of all')
      .option('--against <version or instant>', 'against an earlier version of the table, or the tables as they were then; default: as they are now'),
  ).action((selection: string[], options: Options) => check(selection, options, invocation))
}

/** Ends with 1 where a promise of severity `error` is broken. Writes nothing. */
function check(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const checked = await project.check(selection, options.against)
    const ok = !checked.some(({ results }) => results.some(({ passed, severity }) => !passed && severity === 'error'))
    if (options.json) out.write(document({ ok, assets: checked.map(checkedDocument) }))
    else out.lines(checkedLines(checked, out))
    if (!ok) invocation.endWith(1)
  })
}
