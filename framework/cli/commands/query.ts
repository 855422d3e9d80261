import { Option, type Command } from 'commander'
import { text as textOf } from 'node:stream/consumers'
import { factsText } from '../../engines/emr-cost.ts'
import type { Invocation } from '../command.ts'
import { Interrupt } from '../interrupt.ts'
import { natural, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { WrongArgument } from '../usage-errors.ts'
import { counted } from '../views/amounts.ts'
import { document } from '../views/document.ts'
import { rowsLines } from '../views/rows-view.ts'

export interface ReadOptions extends ProjectOptions {
  readonly limit: number
  readonly asOf?: string
}

interface QueryCommandOptions extends ReadOptions {
  readonly engine: 'duckdb' | 'athena'
  readonly maxBytes?: string
}

/** More rows than there can be. */
const ALL = 2 ** 52

export function configure(command: Command, invocation: Invocation): void {
  withReadOptions(command.argument('<sql>', 'a SELECT, as in: select count(*) from gold.customer_360; "-" reads it from stdin'), 1000)
    .addOption(new Option('--engine <name>', 'who answers: duckdb, on this machine, or athena, in its own words').choices(['duckdb', 'athena']).default('duckdb'))
    .option('--max-bytes <size>', 'of athena: stop the query once it has scanned more, as in 10GB')
    .action(async (sql: string, options: QueryCommandOptions) => {
      const text = sql === '-' ? await textOf(process.stdin) : sql
      if (options.engine === 'athena') return readOnAthena(text, options, invocation)
      if (options.maxBytes !== undefined) throw new WrongArgument('--max-bytes is about what Athena scans.', 'Say --engine athena, or leave it out.')
      return readRows(text, options, invocation)
    })
}

/** Prints what Athena answers, and what that cost. */
async function readOnAthena(sql: string, options: QueryCommandOptions, invocation: Invocation): Promise<void> {
  const { out, err } = invocation.terminal
  if (options.asOf !== undefined) throw new WrongArgument('--as-of is not for Athena, which reads the newest versions only.', 'Leave out --engine athena.')
  const interrupt = new Interrupt(message => err.lines([message]))
  try {
    await withProject(options, invocation, async project => {
      const { columns, rows, truncated, job } = await project.queryOnAthena(sql, { limit: options.limit === 0 ? ALL : options.limit, maxBytes: options.maxBytes, signal: interrupt.signal })
      if (options.json) return out.write(document({ columns, rows, truncated, job }))
      out.lines(rowsLines({ columns, rows }, out))
      if (!options.quiet) err.lines([err.style.dim(`${shownText(rows.length, truncated)} ${factsText(job)}.`)])
    })
  } finally {
    interrupt.close()
  }
}

export const withReadOptions = (command: Command, limit: number): Command =>
  withProjectOptions(
    command
      .option('--limit <rows>', 'at most so many rows; 0 for all', natural('--limit'), limit)
      .option('--as-of <when>', 'read tables as they were at a version or an instant'),
  )

/** Prints what a query answers. */
export function readRows(sql: string, options: ReadOptions, invocation: Invocation): Promise<void> {
  const { out, err } = invocation.terminal
  return withProject(options, invocation, async project => {
    const { columns, rows, truncated } = await project.query(sql, { limit: options.limit === 0 ? ALL : options.limit, asOf: options.asOf })
    if (options.json) return out.write(document({ columns, rows, truncated }))
    out.lines(rowsLines({ columns, rows }, out))
    if (options.quiet) return
    err.lines([err.style.dim(shownText(rows.length, truncated))])
  })
}

function shownText(rows: number, truncated: boolean): string {
  const number = counted(rows, 'row')
  return truncated ? `${number} shown; there are more: --limit 0 shows all.` : `${number}.`
}
