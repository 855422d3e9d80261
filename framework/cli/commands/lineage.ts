import { Option, type Command } from 'commander'
import type { LineageFormat } from '../../graph/lineage-formats/format.ts'
import type { Invocation } from '../command.ts'
import { positive, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { document } from '../views/document.ts'
import { lineageDocument, lineageLines } from '../views/lineage-view.ts'

interface Options extends ProjectOptions {
  readonly format?: LineageFormat
  readonly up?: number | true
  readonly down?: number | true
}

const FORMATS: readonly LineageFormat[] = ['json', 'mermaid', 'dot', 'graphml', 'gexf']

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[selection...]', 'start from these; without it, everything')
      .addOption(new Option('--format <format>', 'print it in this format').choices([...FORMATS]))
      .option('--up [steps]', 'only what they are made of', positive('--up'))
      .option('--down [steps]', 'only what is made of them', positive('--down')),
  ).action((selection: string[], options: Options) => lineage(selection, options, invocation))
}

function lineage(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const [{ around, inOrder }, whole] = [await import('../../graph/lineage.ts'), await project.lineage()]
    const graph = selection.length === 0 ? whole : around(whole, await project.select(selection), reach(options))
    const format = options.format ?? (options.json ? 'json' : undefined)
    if (format === undefined) return out.lines(lineageLines(inOrder(graph), out))
    if (format === 'json') return out.write(document(lineageDocument(inOrder(graph))))
    const { lineageText } = await import('../../graph/lineage-formats/format.ts')
    out.write(lineageText(graph, format))
  })
}

/** Both ways to the end, unless one way was asked for. */
function reach({ up, down }: Options): { up?: number; down?: number } {
  if (up === undefined && down === undefined) return {}
  return { up: steps(up), down: steps(down) }
}

const steps = (asked: number | true | undefined): number => (asked === undefined ? 0 : asked === true ? Infinity : asked)
