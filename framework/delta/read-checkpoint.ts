import type { Connection } from '../duckdb/connection.ts'
import { columnType, type ColumnType } from '../duckdb/column-type.ts'
import { exactPath } from '../duckdb/exact-path.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { Action, DeletionVectorDescriptor, Sidecar } from './actions.ts'
import { jsonObjects } from './exact-json.ts'
import { SIDECARS } from './log-names.ts'
import type { CheckpointFiles } from './log-segment.ts'
import type { LogState } from './log-state.ts'
import type { LogStore } from './log-store.ts'
import { actionOf } from './read-commit.ts'

/** Applies a checkpoint, whichever of the protocol's forms it has, to an empty state. */
export async function readCheckpoint(connection: Connection, store: LogStore, checkpoint: CheckpointFiles, state: LogState): Promise<void> {
  const sidecars: Sidecar[] = []
  if (checkpoint.format === 'json') {
    for (const object of jsonObjects(Buffer.from(await store.read(checkpoint.names[0]!)).toString())) {
      const action = actionOf(object)
      if ('sidecar' in action) sidecars.push(action.sidecar)
      else state.apply(action)
    }
  } else {
    const paths = await Promise.all(checkpoint.names.map(name => store.readable(name)))
    sidecars.push(...await readParquet(connection, paths, state))
  }
  if (sidecars.length === 0) return
  const paths = await Promise.all(sidecars.map(({ path }) => sidecarPlace(store, decodeURIComponent(path))))
  await readParquet(connection, paths, state)
}

const sidecarPlace = async (store: LogStore, path: string) =>
  path.startsWith('/') ? path : path.startsWith('file:') ? path.replace(/^file:\/*/, '/') : store.readable(path.startsWith(`${SIDECARS}/`) ? path : `${SIDECARS}/${path}`)

async function readParquet(connection: Connection, paths: readonly string[], state: LogState): Promise<Sidecar[]> {
  const source = `read_parquet([${paths.map(exactPath).join(', ')}], union_by_name=${paths.length > 1}, hive_partitioning=false)`
  const columns = new Map((await connection.describe(`select * from ${source}`)).map(({ name, type }) => [name, columnType(type)]))
  const sidecars: Sidecar[] = []
  for (const name of ['protocol', 'metaData', 'txn', 'domainMetadata', 'sidecar'] as const) {
    if (!columns.has(name)) continue
    for (const row of await connection.rows<{ body: string }>(`select to_json(${name})::varchar as body from ${source} where ${name} is not null`)) {
      const body = withoutNulls(JSON.parse(row.body)) as never
      if (name === 'sidecar') sidecars.push(body)
      else state.apply({ [name]: body } as unknown as Action)
    }
  }
  await readAdds(connection, source, columns.get('add'), state)
  await readRemoves(connection, source, columns.get('remove'), state)
  return sidecars
}

/** The files' JSON is made by DuckDB and kept as text: parsing 100,000 of them would cost a second. */
async function readAdds(connection: Connection, source: string, type: ColumnType | undefined, state: LogState): Promise<void> {
  if (type?.kind !== 'struct') return
  const has = new Map(type.fields.map(field => [field.name, field.type]))
  const field = (name: string, expression = `add.${quoteIdentifier(name)}`) => (has.has(name) ? expression : 'null')
  const stats = has.has('stats_parsed') ? `coalesce(${field('stats')}, to_json(${statsOf(has.get('stats_parsed')!)})::varchar)` : field('stats')
  const vector = has.has('deletionVector') ? 'case when add.deletionVector.storageType is not null then add.deletionVector end' : 'null'
  const optional = (name: string, expression = field(name)) => (expression === 'null' ? '' : `, ',"${name}":' || to_json(${expression})::varchar`)
  const json = `concat('{"path":', to_json(add.path)::varchar, ',"partitionValues":', coalesce(to_json(${field('partitionValues')})::varchar, '{}'), ',"size":', add.size,
    ',"modificationTime":', coalesce(${field('modificationTime')}, 0), ',"dataChange":false'${optional('stats', stats)}${optional('tags')}${optional('deletionVector', vector)}
    ${optional('baseRowId')}${optional('defaultRowCommitVersion')}${optional('clusteringProvider')}, '}')`
  const rows = `regexp_extract(${stats}, '"numRecords"\\s*:\\s*(\\d+)', 1)`
  const query = `select ${json} as body, add.path as path, add.size::double as bytes, try_cast(${rows} as double) as records, to_json(${vector})::varchar as vector
    from ${source} where add is not null and add.path is not null`
  for await (const [bodies = [], paths = [], bytes = [], records = [], vectors = []] of connection.columns(query)) {
    bodies.forEach((body, i) => {
      const deletionVector = vectors[i] ? (JSON.parse(vectors[i] as string) as DeletionVectorDescriptor) : undefined
      const known = { path: paths[i] as string, bytes: bytes[i] as number, records: (records[i] ?? undefined) as number | undefined, deletionVector }
      state.files.setText(known, body as string)
    })
  }
}

async function readRemoves(connection: Connection, source: string, type: ColumnType | undefined, state: LogState): Promise<void> {
  if (type?.kind !== 'struct') return
  for await (const [texts = []] of connection.columns(`select to_json(remove)::varchar as body from ${source} where remove is not null and remove.path is not null`)) {
    for (const text of texts as string[]) {
      const remove = withoutNulls(JSON.parse(text)) as { deletionVector?: { storageType?: string } }
      if (!remove.deletionVector?.storageType) delete remove.deletionVector
      state.apply({ remove } as unknown as Action)
    }
  }
}

/** Statistics kept as a struct: decimals go through text, which keeps all of their digits. */
function statsOf(type: ColumnType): string {
  const exact = (expression: string, of: ColumnType): string => {
    if (of.kind === 'scalar' && of.name.startsWith('DECIMAL')) return `${expression}::varchar`
    if (of.kind !== 'struct') return expression
    const fields = of.fields.map(field => `${quoteIdentifier(field.name)} := ${exact(`${expression}.${quoteIdentifier(field.name)}`, field.type)}`)
    return `case when ${expression} is null then null else struct_pack(${fields.join(', ')}) end`
  }
  return exact('add.stats_parsed', type)
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null).map(([key, inner]) => [key, key === 'partitionValues' ? inner : withoutNulls(inner)]))
}
