import type { Command } from 'commander'
import { nearNames } from '../../vocabulary/near-names.ts'
import type { Invocation } from '../command.ts'
import { positive, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { WrongArgument } from '../usage-errors.ts'
import { document } from '../views/document.ts'
import { runDocument, runLines, runsLines, summaryDocument } from '../views/runs-view.ts'

interface Options extends ProjectOptions {
  readonly limit: number
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[run]', 'tell what this run did; the first characters of its name are enough')
      .option('--limit <n>', 'list at most so many', positive('--limit'), 20),
  ).action((run: string | undefined, options: Options) => runs(run, options, invocation))
}

function runs(asked: string | undefined, options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  const now = options.now ?? new Date()
  return withProject(options, invocation, async project => {
    if (asked === undefined) {
      const runs = project.runs(options.limit)
      if (options.json) out.write(document({ runs: runs.map(summaryDocument) }))
      else out.lines(runs.length === 0 ? ['There has been no run yet.'] : runsLines(runs, now, out))
      return
    }
    const run = project.runOf(oneRun(asked, project.runs().map(({ run }) => run)))!
    if (options.json) out.write(document(runDocument(run)))
    else out.lines(runLines(run, out))
  })
}

/** The run whose name begins so; the newest where none is named. @throws {WrongArgument} where there is none, or more than one. */
export function oneRun(asked: string | undefined, known: readonly string[]): string {
  if (asked === undefined) {
    if (known[0] === undefined) throw new WrongArgument('There has been no run yet.', 'Start one with "varve materialize".')
    return known[0]
  }
  const found = known.includes(asked) ? [asked] : known.filter(run => run.startsWith(asked))
  if (found.length === 1) return found[0]!
  if (found.length > 1) throw new WrongArgument(`${found.length} runs have names that begin with "${asked}".`, `Write one of them in full: ${found.slice(0, 3).join(', ')}.`)
  const near = nearNames(asked, known)
  throw new WrongArgument(`There is no run "${asked}".`, near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Run "varve runs" to see those there are.')
}
