import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { document } from '../views/document.ts'
import { tableFactsDocument, tableFactsLines } from '../views/table-facts-view.ts'

interface Options {
  readonly asOf?: string
  readonly count?: true
  readonly history?: true
  readonly json?: true
}

export function configure(command: Command, invocation: Invocation): void {
  command
    .argument('<path>', 'the folder of any Delta table, ours or not')
    .option('--as-of <version|time>', 'as it was at a version or an instant')
    .option('--count', 'count the rows')
    .option('--history', 'list its versions')
    .option('--json', 'print one JSON document')
    .action((path: string, options: Options) => table(path, options, invocation))
}

async function table(path: string, { asOf, count, history, json }: Options, { terminal: { out } }: Invocation): Promise<void> {
  const [{ describeTable }, { pointInHistory }] = await Promise.all([import('../../project/any-table.ts'), import('../../project/point-in-history.ts')])
  const facts = await describeTable(path, asOf === undefined ? {} : pointInHistory(asOf), { count: count ?? false, history: history ?? false })
  if (json) out.write(document(tableFactsDocument(facts)))
  else out.lines(tableFactsLines(facts, out))
}
