import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import { WrongArgument } from '../usage-errors.ts'
import { counted } from '../views/amounts.ts'
import { document } from '../views/document.ts'

interface Options {
  readonly source?: string
  readonly table?: string
  readonly key?: readonly string[]
  readonly out?: string
  readonly json?: true
}

const NAME = /^[a-z][a-z0-9_]*$/

export function configure(command: Command, invocation: Invocation): void {
  command
    .argument('<file>', 'a CSV, JSON or JSON lines file, as it is or gzipped')
    .option('--source <name>', 'the system that it comes from (default: the first word of its name)', name('--source'))
    .option('--table <name>', 'the table in that system (default: the rest of its name)', name('--table'))
    .option('--key <columns>', 'the columns that name a row, with commas between', (text: string) => text.split(',').map(each => each.trim()))
    .option('--out <file>', 'write it there, unless there is a file already')
    .option('--json', 'print one JSON document')
    .action((file: string, options: Options) => draft(file, options, invocation))
}

async function draft(file: string, { source, table, key, out: path, json }: Options, { terminal: { out } }: Invocation): Promise<void> {
  if (path !== undefined && existsSync(resolve(path))) throw new WrongArgument(`--out "${path}" is there already.`, 'Name another file, and compare: varve schema diff FILE --against OTHER')
  const { draftContract } = await import('../../project/draft-contract.ts')
  const contract = await draftContract(file, { source, table, key })
  const unknown = (key ?? []).filter(name => !contract.columns.some(column => column.name === name || column.as === name))
  if (unknown.length > 0) throw new WrongArgument(`--key names ${unknown.join(', ')}, which ${file} does not have.`, `It has ${contract.columns.map(column => column.name).join(', ')}.`)
  const text = `${JSON.stringify(contract, null, 2)}\n`
  if (path !== undefined) {
    mkdirSync(dirname(resolve(path)), { recursive: true })
    writeFileSync(resolve(path), text, { flag: 'wx' })
  }
  if (json) out.write(document({ contract, ...(path !== undefined && { file: resolve(path) }) }))
  else if (path === undefined) out.write(text)
  else out.lines([`${out.style.green(out.style.symbols.good)} ${contract.name}, ${counted(contract.columns.length, 'column')}, is in ${path}. Look through its types, and say which columns a file must not come without.`])
}

const name = (option: string) => (text: string): string => {
  if (!NAME.test(text)) throw new WrongArgument(`${option} "${text}" is no name.`, 'Use small letters, digits and _, beginning with a letter.')
  return text
}
