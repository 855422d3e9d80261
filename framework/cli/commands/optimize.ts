import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { Interrupt } from '../interrupt.ts'
import { positive, several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { failureLines, optimizedLines } from '../views/maintenance-view.ts'

interface Options extends ProjectOptions {
  readonly exclude?: readonly string[]
  readonly zorder?: readonly string[]
  readonly targetSize?: number
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[selection...]', 'which assets; without it all that have tables')
      .option('--exclude <selection>', 'leave these out', several)
      .option('--zorder <column>', 'lay the rows along a curve through this column and the others that are named so', several)
      .option('--target-size <bytes>', 'how large files should become', positive('--target-size')),
  ).action((selection: string[], options: Options) => optimize(selection, options, invocation))
}

async function optimize(selection: readonly string[], { exclude, zorder, targetSize, ...options }: Options, invocation: Invocation): Promise<void> {
  const { out, err } = invocation.terminal
  const interrupt = new Interrupt(message => err.lines([message]))
  try {
    await withProject(options, invocation, async project => {
      const { tables, failures } = await project.optimize(selection, { exclude, zorderBy: zorder, targetFileSize: targetSize, signal: interrupt.signal })
      if (options.json) out.write(document({ tables: tables.map(({ asset, version, ...figures }) => ({ key: asset, tableVersion: version, ...figures })), failures: failures.map(({ asset, error }) => ({ key: asset, error })) }))
      else out.lines([...optimizedLines(tables, out), ...failureLines(failures, out)])
      if (failures.length > 0) invocation.endWith(1)
    })
  } finally {
    interrupt.close()
  }
}
