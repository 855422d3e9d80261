import { writeFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import type { Reach } from '../../graph/lineage.ts'
import type { LineageFormat } from '../../graph/lineage-formats/format.ts'
import type { LineageGraph } from '../../graph/lineage-graph.ts'
import type { Project } from '../../project/project.ts'
import type { Invocation } from '../command.ts'
import { positive, several, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { plain } from '../terminal/style.ts'
import { WrongArgument } from '../usage-errors.ts'
import { document } from '../views/document.ts'
import { columnLines, findingLines, lineageDocument, lineageLines } from '../views/lineage-view.ts'

interface Options extends ProjectOptions {
  readonly format?: LineageFormat | 'openlineage'
  readonly columns?: true
  readonly column?: string
  readonly up?: number | true
  readonly down?: number | true
  readonly output?: string
  readonly check?: true
  readonly sqlFile?: string
  readonly schema?: string
  readonly mask?: readonly string[]
}

const FORMATS: readonly Required<Options>['format'][] = ['json', 'mermaid', 'dot', 'graphml', 'gexf', 'openlineage', 'html']

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('[selection...]', 'these; of one alone, also what it is made of and what is made of it')
      .addOption(new Option('--format <format>', 'print it in this format').choices([...FORMATS]))
      .option('--columns', 'down to the columns: which goes into which, and which decide on the rows')
      .option('--column <asset.column>', 'this column, with all that it is made of and all that is made of it')
      .option('--up [steps]', 'also what they are made of, so many steps up', positive('--up'))
      .option('--down [steps]', 'also what is made of them, so many steps down', positive('--down'))
      .option('--output <file>', 'write it to this file')
      .option('--check', 'look for edges that lead down the layers, queries that do not bind and personal data that is not masked; ends with 1 where there are any')
      .option('--sql-file <file>', 'of the query in this file instead of the project; its columns are query.<column>')
      .option('--schema <file>', 'with --sql-file: the columns of the tables, as JSON: { "table": { "column": "TYPE" } }')
      .option('--mask <function>', 'with --sql-file: a function that hides what goes into it; may be given several times', several),
  ).action((selection: string[], options: Options) => lineage(selection, options, invocation))
}

async function lineage(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  if (options.sqlFile !== undefined || options.schema !== undefined) return ofStatement(selection, options, invocation)
  if (options.mask) throw new WrongArgument('--mask says of which functions of a query that it masks.', 'Use it with --sql-file. In a project, assets declare masks with mask(), and the configuration names functions under pii: { masks: [...] }.')
  return withProject(options, invocation, project => (options.check ? check(selection, project, options, invocation) : ofProject(selection, project, options, invocation)))
}

async function ofProject(selection: readonly string[], project: Project, options: Options, invocation: Invocation): Promise<void> {
  const { around, columnPath, inOrder, withoutColumns } = await import('../../graph/lineage.ts')
  const { column, format } = options
  if (column !== undefined && selection.length > 0) throw new WrongArgument('--column and a selection ask for two things.', `Leave one out; the selection column:${column} names the assets through which it flows.`)
  if (column !== undefined) return show(columnPath(await project.columnLineage(), column, steps(options), followed(options)), options, invocation, project)
  const inColumns = options.columns || format === 'openlineage'
  const whole = inColumns ? await project.columnLineage() : inOrder(withoutColumns(await project.lineage()))
  const keys = await project.select(selection)
  return show(selection.length === 0 ? whole : around(whole, keys, reach(options, keys.length)), options, invocation, project)
}

/** The graph is in order, and so is each part of it. */
async function show(graph: LineageGraph, options: Options, invocation: Invocation, project?: Project, said: object = {}): Promise<void> {
  const { out, err } = invocation.terminal
  const format = options.format ?? (options.json ? 'json' : undefined)
  const write = (text: string) => {
    if (options.output === undefined) return out.write(text)
    writeFileSync(options.output, text)
    if (!options.quiet) err.lines([`Wrote ${graph.nodes.length} ${graph.nodes.length === 1 ? 'asset' : 'assets'} to ${options.output}.`])
  }
  if (format === 'json') return write(document({ ...lineageDocument(graph), ...said }))
  if (format === 'openlineage') return write(await openLineageText(graph, project))
  if (format !== undefined) {
    const { lineageText } = await import('../../graph/lineage-formats/format.ts')
    return write(lineageText(graph, format))
  }
  const lines = graph.columnEdges ? columnLines : lineageLines
  if (options.output === undefined) return out.lines(lines(graph, out))
  write(`${lines(graph, { width: Infinity, style: plain }).join('\n')}\n`)
}

async function openLineageText(graph: LineageGraph, project: Project | undefined): Promise<string> {
  if (project) return project.openLineage(graph)
  const { openLineage } = await import('../../graph/lineage-formats/openlineage.ts')
  return openLineage(graph, { namespace: 'varve', dataset: name => ({ namespace: 'varve', name }), at: new Date() })
}

async function check(selection: readonly string[], project: Project, options: Options, invocation: Invocation): Promise<void> {
  const { out } = invocation.terminal
  const keys = new Set<string>(await project.select(selection))
  const found = (await project.checkLineage()).filter(({ asset }) => keys.has(asset))
  const ok = !found.some(({ fails }) => fails)
  if (options.json || options.format === 'json') out.write(document({ ok, assets: keys.size, findings: found.map(({ code, asset, message, fails }) => ({ code, key: asset, message, fails })) }))
  else out.lines(findingLines(found, keys.size, out))
  if (!ok) invocation.endWith(1)
}

async function ofStatement(selection: readonly string[], options: Options, invocation: Invocation): Promise<void> {
  const { sqlFile, schema, mask, column } = options
  if (sqlFile === undefined || schema === undefined) throw new WrongArgument('--sql-file and --schema go together.', 'As in: varve lineage --sql-file query.sql --schema tables.json --format json')
  if (selection.length > 0 || options.check) throw new WrongArgument('--sql-file looks at a query that is in no asset.', 'Leave the selection and --check out.')
  const { statementLineage } = await import('../../project/statement-lineage.ts')
  const { columnPath, inOrder } = await import('../../graph/lineage.ts')
  const { graph, complete, unknown } = await statementLineage(sqlFile, schema, mask)
  const whole = inOrder(graph)
  await show(column === undefined ? whole : columnPath(whole, column, steps(options), followed(options)), options, invocation, undefined, { complete, unknown })
}

/** One asset is shown with all that it is made of and all that is made of it, several as they are, unless a way was asked for. */
const reach = (options: Options, selected: number): Reach => (selected === 1 || asked(options) ? steps(options) : { up: 0, down: 0 })

/** A person sees where the values go; whoever reads a document gets the columns that decide on rows too. */
const followed = ({ format, json }: Options): readonly ('value' | 'rowset')[] => (format === undefined && !json ? ['value'] : ['value', 'rowset'])

/** Both ways to the end, unless a way was asked for. */
const steps = (options: Options): Reach => (asked(options) ? { up: count(options.up), down: count(options.down) } : {})

const asked = ({ up, down }: Options): boolean => up !== undefined || down !== undefined
const count = (steps: number | true | undefined): number => (steps === undefined ? 0 : steps === true ? Infinity : steps)
