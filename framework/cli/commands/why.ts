import type { Command } from 'commander'
import { assetKey } from '../../vocabulary/asset-key.ts'
import type { Invocation } from '../command.ts'
import { positive, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { traceDocument, traceLines } from '../views/trace-view.ts'

interface Options extends ProjectOptions {
  readonly limit: number
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(command.argument('<key>', 'an asset, as in gold/customer_360').option('--limit <n>', 'tell at most so many', positive('--limit'), 3)).action((key: string, options: Options) => why(key, options, invocation))
}

function why(text: string, options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const { key, automation } = project.graph.get(assetKey(text))
    const traces = project.traces(key, options.limit)
    if (options.json) out.write(document({ key, traces: traces.map(traceDocument) }))
    else if (traces.length > 0) out.lines(traces.flatMap((trace, i) => [...(i > 0 ? [''] : []), ...traceLines(trace, out)]))
    else out.lines([automation ? `The condition of ${key} has never been evaluated: "varve daemon" does that.` : `${key} has no condition: it is made by schedules and by hand.`])
  })
}
