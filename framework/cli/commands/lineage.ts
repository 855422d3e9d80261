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
      .argument('[selection...]', 'these; of one alone, also what it is made of and what is made of it')
      .addOption(new Option('--format <format>', 'print it in this format').choices([...FORMATS]))
      .option('--up [steps]', 'also what they are made of, so many steps up', positive('--up'))
      .option('--down [steps]', 'also what is made of them, so many steps down', positive('--down')),
  ).action((selection: string[], options: Options) => lineage(selection, options, invocation))
}

function lineage(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  return withProject(options, invocation, async project => {
    const [{ around, inOrder }, whole] = [await import('../../graph/lineage.ts'), await project.lineage()]
    const keys = await project.select(selection)
    const graph = selection.length === 0 ? whole : around(whole, keys, reach(options, keys.length))
    const format = options.format ?? (options.json ? 'json' : undefined)
    if (format === undefined) return out.lines(lineageLines(inOrder(graph), out))
    if (format === 'json') return out.write(document(lineageDocument(inOrder(graph))))
    const { lineageText } = await import('../../graph/lineage-formats/format.ts')
    out.write(lineageText(graph, format))
  })
}

/** One asset is shown with all that it is made of and all that is made of it, several as they are, unless a way was asked for. */
function reach({ up, down }: Options, selected: number): { up?: number; down?: number } {
  if (up === undefined && down === undefined) return selected === 1 ? {} : { up: 0, down: 0 }
  return { up: steps(up), down: steps(down) }
}

const steps = (asked: number | true | undefined): number => (asked === undefined ? 0 : asked === true ? Infinity : asked)
