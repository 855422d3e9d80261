import type { Command } from 'commander'
import { toMillis, type Duration } from '../../vocabulary/duration.ts'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { costLines, sumOf } from '../views/costs-view.ts'
import { document } from '../views/document.ts'

interface Options extends ProjectOptions {
  readonly since: Duration
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('[selection...]', 'assets (default: all)').option('--since <duration>', 'jobs that ended within that time, as in 7d', '30d')).action((selection: string[], options: Options) => costs(selection, options, invocation))
}

function costs(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  const since = new Date((options.now ?? new Date()).getTime() - toMillis(options.since))
  return withProject(options, invocation, async project => {
    const days = await project.costs(since, selection)
    if (options.json) out.write(document({ since: since.toISOString(), costs: sumOf(days), days }))
    else out.lines(days.length === 0 ? [`No job ran on other machines since ${since.toISOString()}.`] : costLines(days, out))
  })
}
