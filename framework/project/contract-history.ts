import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { compareContracts, type ContractComparison } from '../definition/contract-changes.ts'
import { contractSchema } from '../definition/contract-schema.ts'
import type { Contract } from '../definition/contract.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { checkedFile, checkedText } from './checked-file.ts'

/** A contract, held against the version before. */
export interface ComparedContract extends ContractComparison {
  readonly name: string
  readonly file: string
  /** Null of a contract that is new. */
  readonly before: string | null
  readonly after: string
}

const FOLDER = 'config/schema_definitions'

/** Holds contracts, all or those that are named, against their versions in git's HEAD, or one against a file. */
export async function contractHistory(root: string, names: readonly string[], against?: string): Promise<readonly ComparedContract[]> {
  const folder = join(root, FOLDER)
  const known = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')).sort().map(name => name.slice(0, -5)) : []
  const paths = names.length === 0 ? known.map(name => join(folder, `${name}.json`)) : names.map(name => pathOf(folder, name, known))
  if (against !== undefined && paths.length !== 1) throw new OneContractOnly(paths.length)
  if (against !== undefined && !existsSync(resolve(against))) throw new UnknownContract(against, [])
  return Promise.all(paths.map(async path => {
    const after = checkedFile<Contract>(root, path, contractSchema)
    const before = against === undefined ? await committed(root, path) : checkedFile<Contract>(root, resolve(against), contractSchema)
    const named = { name: basename(path, '.json'), file: relative(root, path), after: after.version }
    if (!before) return { ...named, before: null, changes: [], breaking: false, needs: 'none', bump: 'none', ok: true }
    return { ...named, before: before.version, ...compareContracts(before, after) }
  }))
}

function pathOf(folder: string, name: string, known: readonly string[]): string {
  if (known.includes(name)) return join(folder, `${name}.json`)
  if (name.endsWith('.json') && existsSync(resolve(name))) return resolve(name)
  throw new UnknownContract(name, known)
}

/** The contract as HEAD has it; undefined where HEAD has none. */
async function committed(root: string, path: string): Promise<Contract | undefined> {
  const git = (...words: string[]) => promisify(execFile)('git', ['-C', root, ...words], { maxBuffer: 4 * 1024 * 1024 })
  try {
    await git('rev-parse', '--verify', 'HEAD')
  } catch {
    throw new NoHistory(root)
  }
  const file = `./${relative(root, path)}`
  try {
    const { stdout } = await git('show', `HEAD:${file}`)
    return checkedText<Contract>(`HEAD:${relative(root, path)}`, stdout, contractSchema)
  } catch (error) {
    if (error instanceof ExplainedError) throw error
    return undefined
  }
}

export class UnknownContract extends ExplainedError {
  readonly code = 'project/unknown-contract'
  readonly hint: string
  constructor(name: string, known: readonly string[]) {
    super(`There is no contract ${name}.`)
    this.hint = didYouMean(name, known, `Name a file in ${FOLDER}/, with or without its path.`)
  }
}

export class NoHistory extends ExplainedError {
  readonly code = 'project/no-history'
  readonly hint = 'Commit the contracts, or name the version before: varve schema diff CONTRACT --against FILE'
  constructor(root: string) {
    super(`There is no git commit in ${root} to hold the contracts against.`)
  }
}

export class OneContractOnly extends ExplainedError {
  readonly code = 'project/one-contract-only'
  readonly hint = 'Name the one: varve schema diff snowflake_orders_bronze --against FILE'
  constructor(count: number) {
    super(`--against compares one contract, not ${count}.`)
  }
}
