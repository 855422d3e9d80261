import type { Command } from 'commander'
import { toMillis, type Duration } from '../../vocabulary/duration.ts'
import type { Invocation } from '../command.ts'
import { withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'

interface Options extends ProjectOptions {
  readonly olderThan: Duration
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.option('--older-than <duration>', 'runs that started longer ago, as in 30d', '30d')).action((options: Options) => {
    const { out } = invocation.terminal
    const before = new Date((options.now ?? new Date()).getTime() - toMillis(options.olderThan))
    return withProject(options, invocation, async project => {
      const runs = project.pruneRuns(before)
      if (options.json) out.write(document({ before: before.toISOString(), runs }))
      else out.lines([`${runs} run${runs === 1 ? '' : 's'} from before ${before.toISOString()} dropped; the tables and what their commits tell are as they were.`])
    })
  })
}
