import { existsSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { contractSchema } from '../definition/contract-schema.ts'
import type { Contract } from '../definition/contract.ts'
import { definitionFrom } from '../definition/asset.ts'
import { registeredBronze, registeredLanding, registeredSilver, type RegisteredDataset } from '../definition/registered-assets.ts'
import type { RegisteredSource } from '../definition/registered-source.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, throwMistakes, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { checkedOnce } from './checked-once.ts'
import { placeIn } from './place-in-file.ts'
import type { MigrationNote } from './quality-file.ts'
import { REGISTRY_FILE, REGISTRY_SCHEMA, type RegistryEntry, type RegistryFile } from './registry-file.ts'

/** What the registry makes of a project's assets. */
export interface Registry {
  /** Those that classes declare, as the registry completes them, and those that only it declares. */
  readonly definitions: readonly AssetDefinition[]
  /** Where tables lie that do not lie at their keys, relative to the lake. */
  readonly locations: ReadonlyMap<AssetKey, string>
  readonly notes: readonly MigrationNote[]
}

interface RegistryInput {
  readonly root: string
  readonly cacheFolder: string
  readonly lake: string
  readonly layers: readonly string[]
  /** What finds the files of tables that only the registry declares; undefined where the profile names no module. */
  readonly reader: RegisteredSource | undefined
}

/** Reads `config/lineage.yaml`: datasets that no class declares become assets. @throws all mistakes at once, each with its line */
export async function withRegistry(declared: readonly AssetDefinition[], input: RegistryInput): Promise<Registry> {
  const path = join(input.root, REGISTRY_FILE)
  if (!existsSync(path)) return { definitions: declared, locations: new Map(), notes: [] }
  const file = await checkedOnce<RegistryFile>(input.root, path, REGISTRY_SCHEMA, input.cacheFolder)
  return new Reading(path, file, declared, input).read()
}

/** An entry, with what its name says. */
interface Registered {
  readonly entry: RegistryEntry
  /** Its place in the file's list. */
  readonly i: number
  readonly layer: string
  readonly name: string
  readonly key: AssetKey
}

class Reading {
  readonly #mistakes: ExplainedError[] = []
  readonly #classes: ReadonlyMap<string, AssetDefinition>
  readonly #entries: readonly Registered[]

  constructor(readonly path: string, readonly file: RegistryFile, readonly declared: readonly AssetDefinition[], readonly input: RegistryInput) {
    this.#classes = new Map(declared.map(definition => [definition.key, definition]))
    this.#entries = file.datasets.map((entry, i) => {
      const [layer, name] = entry.name.split(/[./]/) as [string, string]
      return { entry, i, layer, name, key: `${layer}/${name}` as AssetKey }
    })
  }

  async read(): Promise<Registry> {
    await this.#checkNames()
    throwMistakes(this.#mistakes)
    const made = new Map<AssetKey, AssetDefinition>()
    const bronze = new Map<string, RegisteredDataset>()
    for (const each of this.#entries) if (each.layer === 'bronze' && !this.#classes.has(each.key)) await this.#bronze(each, made, bronze)
    for (const each of this.#entries) {
      if (this.#classes.has(each.key)) await this.#ofClass(each, made)
      else if (each.layer === 'silver') await this.#silver(each, made, bronze)
      else if (each.layer !== 'bronze') await this.#observed(each, made)
    }
    const locations = await this.#locations()
    throwMistakes(this.#mistakes)
    return { definitions: [...this.declared.filter(({ key }) => !made.has(key)), ...made.values()], locations, notes: await this.#notes() }
  }

  async #checkNames(): Promise<void> {
    const first = new Map<AssetKey, number>()
    for (const { entry, i, layer, key } of this.#entries) {
      const at = (field: string) => this.#at(i, field)
      if (first.has(key)) this.#refuse(`${entry.name} is registered twice, first in line ${(await this.#at(first.get(key)!, 'name')).line}.`, 'Take one of them out, or give it another name.', await at('name'))
      else first.set(key, i)
      if (!this.input.layers.includes(layer)) this.#refuse(`${entry.name} is in no layer of this project.`, didYouMean(layer, this.input.layers, `The layers are ${this.input.layers.join(', ')}.`), await at('name'))
      if (entry.layer !== undefined && entry.layer !== layer) this.#refuse(`${entry.name} says that its layer is ${entry.layer}.`, `Write layer: ${layer}, or take the line out.`, await at('layer'))
      if (layer === 'landing') this.#refuse(`${entry.name} can't be registered: what lands is told by its bronze dataset.`, `Register bronze.${key.slice(8)} instead.`, await at('name'))
    }
  }

  /** Landing and bronze of a table that no class declares. */
  async #bronze({ entry, i, name, key }: Registered, made: Map<AssetKey, AssetDefinition>, known: Map<string, RegisteredDataset>): Promise<void> {
    const { source, table, load = 'full', newer_by: newerBy, optional = false } = entry
    if (entry.from !== undefined) this.#refuse(`${entry.name} can't be made from another dataset.`, 'Only a silver dataset has from.', await this.#at(i, 'from'))
    if (source === undefined || table === undefined) return this.#refuse(`${entry.name} has no class, and says not what it is a table of.`, 'Add source: and table:, or write the class that makes it.', await this.#at(i, 'name'))
    const landing = `landing/${name}`
    if (this.#classes.has(landing)) return this.#refuse(`${entry.name} has no class, but ${landing} has.`, `Write the class of bronze/${name} too, or call the dataset otherwise.`, await this.#at(i, 'name'))
    const contract = await this.#contract(entry, i, true)
    if (!contract) return
    if (contract.source !== source || contract.table !== table) this.#refuse(`${entry.name} is a table of ${source}.${table}, but its schema ${contract.name} is of ${contract.source}.${contract.table}.`, 'Name the schema of that table, or mend source and table.', await this.#at(i, 'schema'))
    const columns = contract.columns.map(({ name: inSource, as }) => as ?? inSource)
    for (const column of contract.primaryKey) if (!columns.includes(column)) this.#refuse(`${contract.name} has the primary key ${column}, which is none of its columns.`, didYouMean(column, columns, `It has ${columns.join(', ')}.`), await this.#at(i, 'schema'))
    if (newerBy !== undefined && !columns.includes(newerBy)) this.#refuse(`${entry.name} is newer by ${newerBy}, which is no column of ${contract.name}.`, didYouMean(newerBy, columns, `It has ${columns.join(', ')}.`), await this.#at(i, 'newer_by'))
    if (!this.input.reader) this.#refuse(`${entry.name} has no class, and the profile names no module that finds its files.`, 'Add to config/<profile>.yaml: sources: { reader: resources/sources/registered.ts }', await this.#at(i, 'name'))
    const { description = '', tags = [], owners = [] } = entry
    const dataset: RegisteredDataset = { name, source, table, files: entry.files ?? `${source}_${table}`, contract, load, newerBy, optional, description, tags, owners, place: await this.#at(i, 'name') }
    known.set(key, dataset)
    made.set(landing as AssetKey, registeredLanding(dataset, () => this.input.reader!))
    made.set(key, registeredBronze(dataset))
  }

  async #silver({ entry, i, key, name }: Registered, made: Map<AssetKey, AssetDefinition>, bronze: ReadonlyMap<string, RegisteredDataset>): Promise<void> {
    const from = (entry.from ?? `bronze.${name}`).replace('.', '/')
    const dataset = bronze.get(from)
    if (!dataset) {
      const why = this.#classes.has(from) ? `${from} is made by a class, so that only a class can say what silver is made of it` : `there is no bronze dataset ${from} in the registry`
      return this.#refuse(`${entry.name} can't be made: ${why}.`, this.#classes.has(from) ? `Write the class of ${key}.` : didYouMean(from, [...bronze.keys()], 'Register it, or write the class that makes this one.'), await this.#at(i, entry.from === undefined ? 'name' : 'from'))
    }
    for (const field of ['load', 'newer_by', 'files', 'optional'] as const) if (entry[field] !== undefined) this.#refuse(`${entry.name} can't say ${field}: that stands with ${from}.`, 'Take the line out.', await this.#at(i, field))
    await this.#contract(entry, i, false)
    made.set(key, registeredSilver({ ...dataset, description: entry.description ?? dataset.description, tags: entry.tags ?? dataset.tags, owners: entry.owners ?? dataset.owners, place: await this.#at(i, 'name') }, from as AssetKey))
  }

  /** A table above silver that no class makes: someone else does, and it is observed where it lies. */
  async #observed({ entry, i, key }: Registered, made: Map<AssetKey, AssetDefinition>): Promise<void> {
    if (entry.location === undefined) return this.#refuse(`There is no asset ${key}, and the registry can't make one above silver.`, didYouMean(key, [...this.#classes.keys()], `Write the class assets/${key}.ts. If someone else fills the table, add location:, so that it is observed there.`), await this.#at(i, 'name'))
    const contract = await this.#contract(entry, i, false)
    const location = join(this.input.lake, inLake(entry.location))
    made.set(key, definitionFrom({ key, ...(contract && { contract: contract.name }), description: entry.description ?? 'A table that someone else fills.', tags: entry.tags ?? [], owners: entry.owners ?? [] }, {
      kind: 'external', upstreams: [], declaredAs: entry.name, place: await this.#at(i, 'name'), body: () => ({ kind: 'external', location, format: 'delta' }),
    }))
  }

  /** What the registry may say of an asset that a class makes. */
  async #ofClass({ entry, i, key }: Registered, made: Map<AssetKey, AssetDefinition>): Promise<void> {
    const definition = this.#classes.get(key)!
    for (const field of ['from', 'files', 'load', 'newer_by', 'optional'] as const) if (entry[field] !== undefined) this.#refuse(`${entry.name} can't say ${field}: ${definition.place?.file ?? 'a class'} makes it.`, 'Take the line out, or the class.', await this.#at(i, field))
    const contract = await this.#contract(entry, i, false)
    if (contract && definition.contract !== undefined && definition.contract !== contract.name) this.#refuse(`${entry.name} has the schema ${contract.name}, but its class names the contract ${definition.contract}.`, 'Write the same in both, or leave one out.', await this.#at(i, 'schema'))
    const { description, tags = [], owners } = entry
    made.set(key, Object.freeze({ ...definition, ...(description !== undefined && { description }), tags: [...new Set([...definition.tags, ...tags])], ...(owners && { owners }) }))
  }

  async #contract({ name, schema }: RegistryEntry, i: number, needed: boolean): Promise<Contract | undefined> {
    if (schema === undefined) {
      if (needed) this.#refuse(`${name} has no schema.`, 'Add schema: config/schema_definitions/<source>_<table>_bronze.json. To draft one: varve schema draft FILE', await this.#at(i, 'name'))
      return undefined
    }
    const path = normalize(schema)
    if (dirname(path) !== FOLDER || !path.endsWith('.json')) return this.#refuse(`The schema ${schema} of ${name} is no JSON file in ${FOLDER}/.`, `Put it there: ${FOLDER}/<source>_<table>_<layer>.json.`, await this.#at(i, 'schema'))
    if (!existsSync(join(this.input.root, path))) return this.#refuse(`The schema ${schema} of ${name} does not exist.`, 'Write the file. To draft it from a sample: varve schema draft FILE', await this.#at(i, 'schema'))
    const contract = await checkedOnce<Contract>(this.input.root, join(this.input.root, path), contractSchema, this.input.cacheFolder).catch((error: unknown) => {
      if (!(error instanceof ExplainedError)) throw error
      this.#mistakes.push(error)
    })
    if (!contract) return undefined
    const called = basename(path, '.json')
    if (contract.name !== called) this.#refuse(`The schema ${schema} of ${name} is called ${contract.name} inside.`, `Write "name": "${called}".`, await this.#at(i, 'schema'))
    return { ...contract, name: called }
  }

  /** @returns those that differ from the keys; no table may lie in another. */
  async #locations(): Promise<ReadonlyMap<AssetKey, string>> {
    const locations = new Map<AssetKey, string>()
    for (const { entry, i, key } of this.#entries) {
      if (entry.location === undefined) continue
      const place = inLake(entry.location)
      const other = [...locations].find(([, there]) => `${there}/`.startsWith(`${place}/`) || `${place}/`.startsWith(`${there}/`))
      const owner = this.declared.find(definition => definition.key !== key && !locations.has(definition.key) && (`${definition.key}/`.startsWith(`${place}/`) || `${place}/`.startsWith(`${definition.key}/`)) && !this.#entries.some(each => each.key === definition.key && each.entry.location !== undefined))
      if (place === '' || other || owner) this.#refuse(`${entry.name} can't lie at ${entry.location}: ${place === '' ? 'that is the lake itself' : `${other?.[0] ?? owner!.key} does, or one of them in the other`}.`, 'Give each dataset a folder of its own.', await this.#at(i, 'location'))
      locations.set(key, place)
    }
    return locations
  }

  /** The original's settings of OpenLineage stood in this file. */
  async #notes(): Promise<MigrationNote[]> {
    return Promise.all((['enabled', 'url', 'namespace'] as const).filter(name => this.file[name] !== undefined).map(async name => {
      const place = await placeIn(this.input.root, this.path, [name])
      return { place, lines: { from: place.line ?? 1, to: place.line ?? 1 }, note: `What is told to OpenLineage stands in config/<profile>.yaml, under lineage: move ${name} there.` }
    }))
  }

  #at(i: number, field: string): Promise<Place> {
    return placeIn(this.input.root, this.path, ['datasets', i, field])
  }

  #refuse(message: string, hint: string, place: Place): undefined {
    this.#mistakes.push(new RegistryMistake(message, hint, place))
  }
}

const FOLDER = 'config/schema_definitions'

/** A place below the lake: of an address its path, since which lake it is, the profile says. */
const inLake = (location: string): string => location.replace(/^[a-z0-9]+:\/\/[^/]*\/?/, '').replace(/\/+$/, '')

export class RegistryMistake extends ExplainedError {
  readonly code = 'project/bad-registry'
  constructor(message: string, readonly hint: string, override readonly place: Place) {
    super(message)
  }
}
