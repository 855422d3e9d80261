import type { Command } from 'commander'
import { assetKey } from '../../vocabulary/asset-key.ts'
import type { Invocation } from '../command.ts'
import type { PlanOptions as PlanRequest } from '../../project/project.ts'
import { WrongArgument } from '../usage-errors.ts'
import { amount, natural, several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { explanationDocument, explanationLines } from '../views/explanation-view.ts'
import { planDocument, planLines } from '../views/plan-view.ts'

export interface PlanOptions extends ProjectOptions {
  readonly exclude?: readonly string[]
  readonly force?: true
  readonly rebuild?: true
  readonly keepGoing?: true
  readonly partition?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly maxBytes?: number
  readonly maxCost?: number
  readonly explain?: string
  readonly estimate?: true
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(withSelection(command).option('--explain <key>', 'tell why this asset is written, down to the roots').option('--estimate', 'tell how much each step will read and cost, as far as that is known')).action(
    (selection: string[], options: PlanOptions) => plan(selection, options, invocation),
  )
}

/** The arguments that say what a plan is made for. */
export const withSelection = (command: Command): Command =>
  command
    .argument('[selection...]', 'which assets; without it all of them')
    .option('--exclude <selection>', 'leave these out', several)
    .option('--force', 'write even what is fresh')
    .option('--rebuild', 'make the tables anew from all their inputs, whatever their write modes would keep')
    .option('--keep-going', 'where a source cannot be taken in, make what does not hang on it')
    .option('--partition <slices>', 'only these slices: a key, or a range as in 2026-03-01..2026-04-01', several)
    .option('--from <time>', 'only slices of time from here on; of sources that are read incrementally, what was stamped then')
    .option('--to <time>', 'only slices of time before')
    .option('--max-bytes <n>', 'refuse to read more of the tables than this', natural('--max-bytes'))
    .option('--max-cost <amount>', 'refuse to spend more, by the prices of the configuration', amount('--max-cost'))

export function plan(selection: readonly string[], options: PlanOptions, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const explained = options.explain === undefined ? undefined : project.graph.get(assetKey(options.explain)).key
    const plan = await project.plan({ selection: selection.length === 0 && explained ? [`+${explained}`] : selection, ...wantedOf(options) })
    const explanation = explained && project.explain(plan, explained)
    if (options.json) out.write(document({ ...planDocument(plan, options), ...(explanation && { explanation: explanationDocument(explanation) }) }))
    else out.lines(explanation ? explanationLines(explanation, out) : planLines(plan, out, options))
  })
}

/** What the options ask of a plan, besides the selection. @throws {WrongArgument} where half of a range is missing */
export function wantedOf({ exclude, force, rebuild, keepGoing, partition, from, to, maxBytes, maxCost }: Pick<PlanOptions, 'exclude' | 'force' | 'rebuild' | 'keepGoing' | 'partition' | 'from' | 'to' | 'maxBytes' | 'maxCost'>): Omit<PlanRequest, 'selection'> {
  if ((from === undefined) !== (to === undefined)) throw new WrongArgument(`${from === undefined ? '--to' : '--from'} is given without ${from === undefined ? '--from' : '--to'}.`, 'A range needs both ends; the end is exclusive.')
  return { exclude, force, rebuild, keepGoing, maxBytes, maxCost, partitions: partition, between: from === undefined || to === undefined ? undefined : { from, to } }
}
