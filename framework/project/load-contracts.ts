import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { contractSchema } from '../definition/contract-schema.ts'
import type { Contract } from '../definition/contract.ts'
import { ExplainedError, throwMistakes, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
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
      checkedFile(root, join(root, FOLDER, `${name}.json`), contractSchema)
    } catch (error) {
      if (!(error instanceof ExplainedError)) throw error
      mistakes.push(error)
    }
  }
  throwMistakes(mistakes)
  return names.length
}

function contractNames(root: string): string[] {
  const folder = join(root, FOLDER)
  return existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')).map(name => name.slice(0, -5)).sort() : []
}

const FOLDER = 'config/schema_definitions'

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
