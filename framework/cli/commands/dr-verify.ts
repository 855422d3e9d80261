import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { replicaLines } from '../views/replica-view.ts'

interface Options extends ProjectOptions {
  readonly replica: string
  readonly exclude?: readonly string[]
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[selection...]', 'which assets; without it all that hold something')
      .requiredOption('--replica <place>', 'the copy of the lake: s3://bucket/prefix, or a folder')
      .option('--exclude <selection>', 'leave these out', several),
  ).action((selection: string[], options: Options) => verify(selection, options, invocation))
}

/** Ends with 1 where there is an asset of which the copy could not be read at all. */
function verify(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const tables = await project.verifyReplica(options.replica, selection, options.exclude)
    const ok = tables.every(({ usable }) => usable !== undefined)
    if (options.json) out.write(document({ ok, replica: options.replica, tables: tables.map(({ asset, head, newest, usable, missing }) => ({ key: asset, head, newest: newest < 0 ? null : newest, usable: usable ?? null, behind: usable === undefined ? null : head - usable, missing })) }))
    else out.lines(replicaLines(tables, out))
    if (!ok) invocation.endWith(1)
  })
}
