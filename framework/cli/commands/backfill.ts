import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { amount, natural, positive, several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { planDocument, planLines } from '../views/plan-view.ts'
import { WrongArgument } from '../usage-errors.ts'
import { runOn } from './materialize.ts'
import { wantedOf } from './plan.ts'

interface Options extends ProjectOptions {
  readonly from?: string
  readonly to?: string
  readonly partition?: readonly string[]
  readonly rebuild?: true
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
      .option('--from <time>', 'the first slices, as in 2026-03-01')
      .option('--to <time>', 'where it ends, exclusive')
      .option('--partition <slices>', 'in place of a range of time: a key, or a range as in 2026-03-01..2026-04-01', several)
      .option('--exclude <selection>', 'leave these out', several)
      .option('--force', 'write slices that are fresh again, too')
      .option('--rebuild', 'make them anew, fresh or not, each in place of what it held')
      .option('--with-downstream', 'also what is downstream, as far as it is touched')
      .option('--chunk <n>', 'make so many slices with one query', positive('--chunk'))
      .option('--max-bytes <n>', 'refuse to read more of the tables than this', natural('--max-bytes'))
      .option('--max-cost <amount>', 'refuse to spend more, by the prices of the configuration', amount('--max-cost'))
      .option('--dry-run', 'only say what would be done')
      .option('--estimate', 'with --dry-run: tell how much each step will read and cost'),
  ).action((selection: string[], options: Options) => backfill(selection, options, invocation))
}

function backfill(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const wanted = wantedOf(options)
  if (!wanted.between && !wanted.partitions) throw new WrongArgument('Nothing says which slices to fill.', 'Give a range of time, as in --from 2026-03-01 --to 2026-04-01 (the end is exclusive), or name slices: --partition eu.')
  const { withDownstream, chunk } = options
  const request = { selection, onlySliced: true, withDownstream, ...wanted }
  if (!options.dryRun) return runOn(options, invocation, selection, (project, running) => project.materialize(request, { ...running, slicesAtOnce: chunk }))
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const plan = await project.plan(request)
    if (options.json) out.write(document(planDocument(plan, options)))
    else out.lines(planLines(plan, out, options))
  })
}
