import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { amount, natural, positive, several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { planDocument, planLines } from '../views/plan-view.ts'
import { runOn } from './materialize.ts'

interface Options extends ProjectOptions {
  readonly from: string
  readonly to: string
  readonly exclude?: readonly string[]
  readonly force?: true
  readonly maxBytes?: number
  readonly maxCost?: number
  readonly estimate?: true
  readonly dryRun?: true
  readonly withDownstream?: true
  readonly chunk?: number
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[selection...]', 'which assets; without it all that have slices')
      .requiredOption('--from <time>', 'the first slices, as in 2026-03-01')
      .requiredOption('--to <time>', 'where it ends, exclusive')
      .option('--exclude <selection>', 'leave these out', several)
      .option('--force', 'write slices that are fresh again, too')
      .option('--with-downstream', 'also what is downstream, as far as it is touched')
      .option('--chunk <n>', 'make so many slices with one query', positive('--chunk'))
      .option('--max-bytes <n>', 'refuse to read more of the tables than this', natural('--max-bytes'))
      .option('--max-cost <amount>', 'refuse to spend more, by the prices of the configuration', amount('--max-cost'))
      .option('--dry-run', 'only say what would be done')
      .option('--estimate', 'with --dry-run: tell how much each step will read and cost'),
  ).action((selection: string[], options: Options) => backfill(selection, options, invocation))
}

function backfill(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { from, to, exclude, force, maxBytes, maxCost, withDownstream, chunk } = options
  const request = { selection, onlySliced: true, exclude, force, maxBytes, maxCost, withDownstream, between: { from, to } }
  if (!options.dryRun) return runOn(options, invocation, selection, (project, running) => project.materialize(request, { ...running, slicesAtOnce: chunk }))
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const plan = await project.plan(request)
    if (options.json) out.write(document(planDocument(plan, options)))
    else out.lines(planLines(plan, out, options))
  })
}
