import type { Command } from 'commander'
import { resolve } from 'node:path'
import type { Invocation } from '../command.ts'
import { Interrupt } from '../interrupt.ts'
import { natural, positive, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { LiveScreen } from '../terminal/live-screen.ts'
import { cut } from '../terminal/text-width.ts'
import { bytes, count, counted } from '../views/amounts.ts'
import { document } from '../views/document.ts'
import { tableLines } from '../views/table-view.ts'

interface Options extends ProjectOptions {
  readonly customers: number
  readonly seed: number
  readonly dir: string
  readonly gzip?: true
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .requiredOption('--dir <dir>', 'the folder to write to')
      .option('--customers <n>', 'how many customers; the other tables follow in proportion', positive('--customers'), 200)
      .option('--seed <n>', 'equal seeds give equal files', natural('--seed'), 1)
      .option('--gzip', 'compress the files'),
  ).action((options: Options) => generate(options, invocation))
}

async function generate(options: Options, invocation: Invocation): Promise<void> {
  const { out, err } = invocation.terminal
  const interrupt = new Interrupt(message => err.lines([message]))
  const written = new Map<string, number>()
  const screen = err.isTerminal && !options.quiet ? new LiveScreen(err, () => [...written].map(([file, rows]) => cut(`  ${file}  ${counted(rows, 'row')}`, err.width - 1))) : undefined
  try {
    await withProject(options, invocation, async project => {
      const { customers, seed, gzip } = options
      const { files } = await project.generateDemo({ customers, seed, gzip, dir: resolve(options.dir), signal: interrupt.signal, onProgress: ({ file, rows }) => written.set(file, rows) })
      screen?.close()
      if (options.json) return out.write(document({ dir: resolve(options.dir), files }))
      if (options.quiet) return
      const columns = [{ title: 'file', least: 20 }, { title: 'rows', align: 'right' as const }, { title: 'size', align: 'right' as const }]
      out.lines([...tableLines(columns, files.map(({ name, rows, bytes: size }) => [name, count(rows), bytes(size)]), out), '', `In ${options.dir}. To read them: varve materialize --sources ${options.dir}`])
    })
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error
    invocation.endWith(interrupt.exitCode)
  } finally {
    screen?.close()
    interrupt.close()
  }
}
