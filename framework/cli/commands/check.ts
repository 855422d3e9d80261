import { Option, type Command } from 'commander'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { WrongArgument } from '../usage-errors.ts'
import { checkedDocument, checkedLines } from '../views/checked-view.ts'
import { document } from '../views/document.ts'

interface Options extends ProjectOptions {
  readonly against?: string
  readonly engine: 'duckdb' | 'athena'
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[selection...]', 'the checks of these; without it of all')
      .option('--against <version or instant>', 'against an earlier version of the table, or the tables as they were then; default: as they are now')
      .addOption(new Option('--engine <name>', 'who counts what is broken: duckdb, on this machine, or athena, with one query an asset').choices(['duckdb', 'athena']).default('duckdb')),
  ).action((selection: string[], options: Options) => check(selection, options, invocation))
}

/** Ends with 1 where a promise of severity `error` is broken. Writes nothing. */
function check(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    if (options.engine === 'athena' && options.against !== undefined) throw new WrongArgument('--against is not for Athena, which reads the newest versions only.', 'Leave out --engine athena.')
    const checked = await project.check(selection, options.against, { engine: options.engine })
    const ok = !checked.some(({ results }) => results.some(({ passed, severity }) => !passed && severity === 'error'))
    if (options.json) out.write(document({ ok, assets: checked.map(checkedDocument) }))
    else out.lines(checkedLines(checked, out))
    if (!ok) invocation.endWith(1)
  })
}
