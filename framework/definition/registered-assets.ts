import { samePartition } from '../partitions/mapping.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Place } from '../vocabulary/errors.ts'
import { column, join, sql, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { definitionFrom } from './asset.ts'
import type { AssetDefinition } from './asset-definition.ts'
import { castable, notNull, primaryKey, rowCount } from './common-checks.ts'
import { conform, ORIGIN, type Contract } from './contract.ts'
import type { RegisteredSource, RegisteredTable } from './registered-source.ts'
import { CAST_FAILED, POSITION } from './row-rules.ts'
import { append, merge, overwrite, overwritePartition, type WriteMode } from './write-mode.ts'

/** How a source delivers a table: as a whole each time, what changed since, or events that never change. */
export type Load = 'full' | 'merge' | 'append'

/** A dataset of the registry that no class declares, with all that its assets are made of. */
export interface RegisteredDataset extends RegisteredTable {
  /** The table's name in its layers: `landing/<name>`, `bronze/<name>`, `silver/<name>`. */
  readonly name: string
  readonly contract: Contract
  readonly load: Load
  /** The column that says which of two rows is newer, by its name in our table. */
  readonly newerBy?: string | undefined
  readonly optional: boolean
  readonly description: string
  readonly tags: readonly string[]
  readonly owners: readonly string[]
  readonly place: Place
}

/** The files as they come. A table that comes as a whole and is suddenly half as long was cut off. */
export function registeredLanding(dataset: RegisteredDataset, reader: () => RegisteredSource): AssetDefinition {
  const { source, table, files, load, optional } = dataset
  return definitionFrom({
    ...told(dataset, 'landing', `The files of ${source}.${table} as they came, byte for byte.`),
    checks: load === 'full' && !optional ? [rowCount({ min: 1, ofLast: { min: 0.5 } })] : [],
    tags: ['ingest', ...tagsOf(dataset)],
    codeVersion: fingerprint('registered', source, table, files),
  }, {
    ...declared(dataset), kind: 'files', upstreams: [],
    body: services => ({ kind: 'files', optional, files: async () => reader().files({ source, table, files }, service => services.get(service)) }),
  })
}

/** A row per line of the files, typed by the contract. */
export function registeredBronze(dataset: RegisteredDataset): AssetDefinition {
  const { contract, load, newerBy, source, table, name } = dataset
  const landing = keyOf('landing', name)
  return definitionFrom({
    ...told(dataset, 'bronze', `One row per row of ${source}.${table}: every column of the source, typed.`),
    write: bronzeWrite(contract, load, newerBy),
    checks: [...contract.primaryKey.map(key => notNull(key, { onFail: 'quarantine' })), ...(load === 'full' ? [] : [primaryKey(contract.primaryKey)])],
    tags: tagsOf(dataset),
  }, {
    ...declared(dataset), kind: 'sql', upstreams: [{ property: 'raw', mapping: samePartition(), asset: () => landing }],
    body: () => ({ kind: 'sql', query: ({ contract: held }) => conform({ key: landing }, held, ORIGIN) }),
  })
}

/** A row per key, the newest: texts without spaces around them, and rows aside that lack what the contract requires. */
export function registeredSilver(dataset: RegisteredDataset, bronze: AssetKey): AssetDefinition {
  const { contract, load, newerBy, source, table } = dataset
  const required = contract.columns.filter(({ required: must, name, as }) => must && !contract.primaryKey.includes(as ?? name))
  return definitionFrom({
    ...told(dataset, 'silver', `One row per ${contract.primaryKey.join(' and ')} of ${source}.${table}, the newest.`),
    write: load === 'full' ? overwrite() : merge({ on: contract.primaryKey, ...(newerBy === undefined ? {} : { newerBy }) }),
    checks: [castable(), ...required.map(({ name, as }) => notNull(as ?? name, { onFail: 'quarantine' })), primaryKey(contract.primaryKey)],
    tags: tagsOf(dataset),
  }, {
    ...declared(dataset), kind: 'sql', upstreams: [{ property: 'raw', mapping: samePartition(), asset: () => bronze }],
    body: () => ({ kind: 'sql', query: ({ contract: held }) => silverQuery({ key: bronze }, held, load, newerBy) }),
  })
}

function bronzeWrite({ primaryKey: on }: Contract, load: Load, newerBy: string | undefined): WriteMode {
  switch (load) {
    case 'full': return overwritePartition({ by: ['_proc_date'] })
    case 'merge': return merge({ on, ...(newerBy === undefined ? {} : { newerBy }), ignoring: ['_proc_date', '_source_file', '_source_row'] })
    case 'append': return append({ key: on })
  }
}

function silverQuery(bronze: TableReference, { columns, primaryKey: on }: Contract, load: Load, newerBy: string | undefined): SqlFragment {
  const names = columns.map(({ name, as }) => as ?? name)
  const tidied = columns.map(({ name, as, type }) => (type === 'varchar' ? sql`nullif(trim(${column(as ?? name)}), '') as ${column(as ?? name)}` : sql`${column(as ?? name)}`))
  const order = [...(newerBy === undefined ? [] : [sql`${column(newerBy)} desc nulls last`]), ...names.filter(name => !on.includes(name) && name !== newerBy).map(name => sql`${column(name)}`)]
  const rows = load === 'full'
    ? sql`
      select *
      from ${bronze}
      where _proc_date = (select max(_proc_date) from ${bronze})
      qualify row_number() over (partition by ${join(on.map(column))} order by ${join(order.length > 0 ? order : [sql`1`])}) = 1`
    : sql`select * from ${bronze}`
  return sql`
    select ${join([...tidied, column(CAST_FAILED), POSITION])}
    from (${rows}) as delivered`
}

const keyOf = (layer: string, name: string): AssetKey => `${layer}/${name}` as AssetKey
const tagsOf = ({ source, tags, contract }: RegisteredDataset): string[] => [...new Set([source, ...(contract.columns.some(({ tags: marks }) => marks.some(tag => tag.startsWith('pii'))) ? ['pii'] : []), ...tags])]

const told = ({ name, contract, owners, description }: RegisteredDataset, layer: string, otherwise: string) => ({ key: `${layer}/${name}`, contract: contract.name, owners, description: description || otherwise })
const declared = ({ name, place }: RegisteredDataset) => ({ declaredAs: name, place })
