import type { Command } from 'commander'
import { findRoot } from '../../project/find-root.ts'
import type { ComparedContract } from '../../project/contract-history.ts'
import type { Invocation } from '../command.ts'
import type { Style } from '../terminal/style.ts'
import { visible } from '../terminal/text-width.ts'
import { counted } from '../views/amounts.ts'
import { document } from '../views/document.ts'

interface Options {
  readonly against?: string
  readonly json?: true
}

export function configure(command: Command, invocation: Invocation): void {
  command
    .argument('[contracts...]', 'by name or file; none is all of config/schema_definitions')
    .option('--against <file>', 'the version before, instead of the one in git\'s HEAD')
    .option('--json', 'print one JSON document')
    .action((contracts: readonly string[], options: Options) => diff(contracts, options, invocation))
}

/** Ends with 1 where a breaking change comes without a new major version. */
async function diff(names: readonly string[], { against, json }: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  const { contractHistory } = await import('../../project/contract-history.ts')
  const contracts = await contractHistory(findRoot(process.cwd()), names, against)
  const ok = contracts.every(contract => contract.ok)
  if (!ok) invocation.endWith(1)
  if (json) return void out.write(document({ ok, contracts }))
  const changed = contracts.filter(({ changes, needs, before }) => changes.length > 0 || needs !== 'none' || before === null)
  out.lines([...changed.flatMap(contract => lines(contract, out.style)), ...(changed.length === 0 ? [`${out.style.green(out.style.symbols.good)} ${counted(contracts.length, 'contract')}: nothing changed.`] : [])])
}

function lines({ name, before, after, changes, breaking, needs, bump, ok }: ComparedContract, style: Style): string[] {
  const symbol = ok ? style.green(style.symbols.good) : style.red(style.symbols.bad)
  const verdict = before === null ? 'new' : !ok ? `breaks readers: it needs a new major version (see docs/guides/change-a-contract.md)` : breaking ? 'breaks readers, and its major version says so' : needs !== 'none' && bump === 'none' ? `compatible; a new ${needs} version would say so` : 'compatible'
  return [`${symbol} ${visible(name)} ${before === null ? '' : `${before} to `}${after}: ${verdict}`, ...changes.map(change => `  ${change.breaking ? style.red('breaking') : 'compatible'}  ${visible(change.detail)}`)]
}
