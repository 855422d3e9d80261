import type { Command } from 'commander'
import { assetKey } from '../../vocabulary/asset-key.ts'
import type { Invocation } from '../command.ts'
import { positive, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { quarantinedRowLines } from '../views/quarantine-view.ts'

interface Options extends ProjectOptions {
  readonly rule?: string
  readonly all?: true
  readonly limit: number
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('<key>', 'an asset, as in silver/orders')
      .option('--rule <rule>', 'only rows that broke this rule')
      .option('--all', 'rows too that were taken in since, or are no longer there')
      .option('--limit <n>', 'show at most so many', positive('--limit'), 20),
  ).action((key: string, options: Options) => show(key, options, invocation))
}

function show(text: string, options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const { key } = project.graph.get(assetKey(text))
    const rows = await project.quarantined(key, options)
    if (options.json) out.write(document({ key, rows }))
    else out.lines(rows.length === 0 ? [`Nothing of ${key} is in quarantine.`] : rows.flatMap(row => quarantinedRowLines(row, out)))
  })
}
