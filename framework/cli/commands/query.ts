import type { Command } from 'commander'
import { text } from 'node:stream/consumers'
import type { Invocation } from '../command.ts'
import { natural, withProject, withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { counted } from '../views/amounts.ts'
import { document } from '../views/document.ts'
import { rowsLines } from '../views/rows-view.ts'

export interface ReadOptions extends ProjectOptions {
  readonly limit: number
  readonly asOf?: string
}

/** More rows than there can be. */
const ALL = 2 ** 52

export function configure(command: Command, invocation: Invocation): void {
  withReadOptions(command.argument('<sql>', 'a SELECT, as in: select count(*) from gold.customer_360; "-" reads it from stdin'), 1000).action(
    async (sql: string, options: ReadOptions) => readRows(sql === '-' ? await text(process.stdin) : sql, options, invocation),
  )
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
    const number = counted(rows.length, 'row')
    err.lines([err.style.dim(truncated ? `${number} shown; there are more: --limit 0 shows all.` : `${number}.`)])
  })
}
