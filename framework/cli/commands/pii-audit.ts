import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { positive, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { maskingAuditLines } from '../views/masking-audit-view.ts'

interface Options extends ProjectOptions {
  readonly limit: number
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('[selection...]', 'assets (default: all)').option('--limit <n>', 'so many of each asset, newest first', positive('--limit'), 1)).action((selection: string[], options: Options) => audit(selection, options, invocation))
}

function audit(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const audits = await project.maskingAudits(selection, options.limit)
    if (options.json) out.write(document({ audits: audits.map(({ asset, run, tableVersion, at, rows, columns }) => ({ key: asset, run, tableVersion, at, rows, columns })) }))
    else out.lines(audits.length === 0 ? ['No table with masked columns has been made.'] : maskingAuditLines(audits, out))
  })
}
