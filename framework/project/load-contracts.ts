import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { contractSchema } from '../definition/contract-schema.ts'
import type { Contract } from '../definition/contract.ts'
import { ExplainedError, throwMistakes, type Place } from '../vocabulary/errors.ts'
import { didYouMean, inWords } from '../vocabulary/near-names.ts'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { checkedOnce } from './checked-once.ts'
import { contractNameFor, ingestionFor, type IngestionConfig } from './ingestion-config.ts'

/** The contracts that the assets name, by name. */
export async function loadContracts(root: string, cacheFolder: string, definitions: readonly AssetDefinition[], ingestion: IngestionConfig): Promise<ReadonlyMap<string, Contract>> {
  const contracts = new Map<string, Contract>()
  for (const definition of definitions) {
    const name = definition.contract
    if (name === undefined || contracts.has(name)) continue
    const shaped = contractNameFor(ingestion, name)
    const path = join(root, FOLDER, `${shaped}.json`)
    if (!existsSync(path)) throw new MissingContract(definition, shaped, contractNames(root))
    const contract = await checkedOnce<Contract>(root, path, contractSchema, cacheFolder)
    throwMistakes(contradictions(contract, path, root))
    const source = shaped === name ? contract.source : name.slice(0, -`_${contract.table}_bronze`.length)
    contracts.set(name, { ...contract, name: shaped, ingestion: ingestionFor(ingestion, { source, table: contract.table }) })
  }
  return contracts
}

/** Checks every contract of the project, named by an asset or not, and tells how many there are. @throws all mistakes */
export async function checkContracts(root: string): Promise<number> {
  const { checkedFile } = await import('./checked-file.ts')
  const names = contractNames(root)
  const mistakes: ExplainedError[] = []
  for (const name of names) {
    try {
      const path = join(root, FOLDER, `${name}.json`)
      mistakes.push(...contradictions(checkedFile<Contract>(root, path, contractSchema), path, root))
    } catch (error) {
      if (!(error instanceof ExplainedError)) throw error
      mistakes.push(error)
    }
  }
  throwMistakes(mistakes)
  return names.length
}

/** What a contract says twice, or of columns that it does not have. */
function contradictions({ columns, primaryKey }: Contract, path: string, root: string): ExplainedError[] {
  const names = columns.map(({ name, as }) => as ?? name)
  const twice = (all: readonly string[]) => new Set(all.filter((name, i) => all.findIndex(other => other.toLowerCase() === name.toLowerCase()) < i))
  const unknown = primaryKey.filter(name => !names.includes(name))
  return [
    ...[...twice(columns.map(({ name }) => name))].map(name => new ContractContradiction(root, path, name, `has the column "${name}" twice.`, 'Remove one of the two.')),
    ...[...twice(names)].filter(name => columns.some(each => each.as === name)).map(name => new ContractContradiction(root, path, name, `calls two columns "${name}".`, 'Give one of the two another name with "as".')),
    ...columns.filter(({ nullable, default: otherwise }) => nullable === false && otherwise !== undefined).map(({ name }) => new ContractContradiction(root, path, name, `gives "${name}" a default, so that it is never NULL, and says besides that it may not be.`, 'Leave nullable or default out.')),
    ...columns.filter(({ type, default: otherwise }) => otherwise !== undefined && !fits(String(otherwise), type)).map(({ name, type, default: otherwise }) => new ContractContradiction(root, path, name, `gives "${name}" the default ${JSON.stringify(otherwise)}, which is no ${type}.`, 'Give a value of the column\'s type.')),
    ...unknown.map(name => new ContractContradiction(root, path, name, `names "${name}" in its primary key, which is none of its columns.`, didYouMean(name, names, `Its columns are ${inWords(names)}, as the table calls them.`), true)),
  ]
}

const FORMS: Readonly<Record<string, RegExp>> = {
  boolean: /^(true|false)$/, smallint: /^-?\d{1,4}$/, integer: /^-?\d{1,9}$/, bigint: /^-?\d{1,18}$/, double: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, date: /^\d{4}-\d{2}-\d{2}$/, timestamptz: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z$/,
}

/** Whether a default can be a value of the type. */
function fits(text: string, type: string): boolean {
  const decimal = /^decimal\((\d+),(\d+)\)$/i.exec(type)
  if (decimal) return new RegExp(`^-?\\d{1,${Math.max(1, Number(decimal[1]) - Number(decimal[2]))}}(\\.\\d{1,${Math.max(1, Number(decimal[2]))}})?$`).test(text)
  const form = FORMS[type.toLowerCase()]
  return form === undefined || (form.test(text) && (!/^(date|timestamptz)$/i.test(type) || new Date(text).toISOString().startsWith(text.slice(0, 10))))
}

function contractNames(root: string): string[] {
  const folder = join(root, FOLDER)
  return existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')).map(name => name.slice(0, -5)).sort() : []
}

const FOLDER = 'config/schema_definitions'

export class ContractContradiction extends ExplainedError {
  readonly code = 'project/contract-contradiction'
  override readonly place: Place
  constructor(root: string, path: string, name: string, problem: string, readonly hint: string, inKey = false) {
    const file = relative(root, path)
    super(`${file} ${problem}`)
    const text = readFileSync(path, 'utf8')
    const at = inKey ? text.indexOf(JSON.stringify(name), text.indexOf('"primaryKey"')) : text.lastIndexOf(JSON.stringify(name))
    this.place = { file, line: text.slice(0, at).split('\n').length }
  }
}

export class MissingContract extends ExplainedError {
  readonly code = 'project/missing-contract'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition, name: string, known: readonly string[]) {
    super(`${definition.key} names the contract ${name}, but ${FOLDER}/${name}.json does not exist.`)
    this.hint = didYouMean(name, known, `Write that file; the others in the folder show how.`)
    this.place = definition.place
  }
}
