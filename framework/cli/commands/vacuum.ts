import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { natural, several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { failureLines, vacuumedLines } from '../views/maintenance-view.ts'

interface Options extends ProjectOptions {
  readonly exclude?: readonly string[]
  readonly retainHours?: number
  readonly filesOfRunningWritersMayBeLost?: true
  readonly delete?: true
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[selection...]', 'which assets; without it all that have tables')
      .option('--exclude <selection>', 'leave these out', several)
      .option('--retain-hours <n>', 'keep what a version of these last hours needs (default: what the table says, else 168)', natural('--retain-hours'))
      .option('--files-of-running-writers-may-be-lost', 'keep less than 168 hours all the same')
      .option('--delete', 'take the files away; without it they are only listed'),
  ).action((selection: string[], options: Options) => vacuum(selection, options, invocation))
}

function vacuum(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  const { exclude, retainHours, filesOfRunningWritersMayBeLost: force, delete: wanted } = options
  return withProject(options, invocation, async project => {
    const { tables, failures } = await project.vacuum(selection, { exclude, retainHours, force, delete: wanted })
    if (options.json) out.write(document({ deleted: wanted ?? false, tables: tables.map(({ asset, files, bytes }) => ({ key: asset, files, bytes })), failures: failures.map(({ asset, error }) => ({ key: asset, error })) }))
    else out.lines([...vacuumedLines(tables, wanted ?? false, out), ...failureLines(failures, out)])
    if (failures.length > 0) invocation.endWith(1)
  })
}
