import { randomUUID } from 'node:crypto'
import { removeOf, type AddFile, type Metadata } from './actions.ts'
import { mapped } from './column-mapping.ts'
import { SchemaMismatch } from './delta-errors.ts'
import { inPartition } from './partition-value.ts'
import { columnFeatures, mappingMode, protocolFor, usesType, withFeatures, type Profile } from './protocol.ts'
import type { StructType } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'

export interface NewTable {
  readonly schema: StructType
  readonly partitionColumns?: readonly string[] | undefined
  readonly profile?: Profile | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
  readonly files: readonly AddFile[]
  /** Default: now, in milliseconds. */
  readonly now?: number | undefined
}

/** The first version of a table. */
export function newTable({ schema, partitionColumns = [], profile = 'compat', properties = {}, files, now = Date.now() }: NewTable): TableChange {
  checkPartitionColumns(schema, partitionColumns)
  const mapping = mappingMode(properties) === 'none' ? undefined : mapped(schema, 0, 'own')
  const configuration = {
    ...(profile === 'modern' ? { 'delta.enableDeletionVectors': 'true' } : {}), ...properties, ...(mapping ? { 'delta.columnMapping.maxColumnId': String(mapping.maxColumnId) } : {}),
  }
  const metadata: Metadata = {
    id: randomUUID(), format: { provider: 'parquet', options: {} }, schemaString: JSON.stringify(mapping?.schema ?? schema), partitionColumns, configuration, createdTime: now,
  }
  return { adds: files, removes: [], metadata, protocol: protocolFor(profile, schema, configuration), reads: { kind: 'nothing' }, metrics: written(files) }
}

/** More rows, whatever the table holds. A wider schema comes from {@link evolve}. */
export function append(base: Snapshot, files: readonly AddFile[], schema?: StructType): TableChange {
  return { adds: files, removes: [], ...newSchema(base, schema), reads: { kind: 'nothing' }, metrics: written(files) }
}

export interface OverwriteOptions {
  readonly schema?: StructType | undefined
  readonly partitionColumns?: readonly string[] | undefined
  readonly now?: number | undefined
}

/** These rows in place of all others. Schema and partitioning may change with them. */
export function overwrite(base: Snapshot, files: readonly AddFile[], { schema, partitionColumns, now = Date.now() }: OverwriteOptions = {}): TableChange {
  const removes = [...base.files].map(file => removeOf(file, now))
  const other = partitionColumns && partitionColumns.join('\0') !== base.partitionColumns.join('\0')
  if (other) checkPartitionColumns(schema ?? base.schema, partitionColumns)
  const changed = newSchema(base, schema)
  const metadata = other ? { ...(changed.metadata ?? base.metadata), partitionColumns } : changed.metadata
  return { adds: files, removes, ...changed, ...(metadata ? { metadata } : {}), reads: { kind: 'whole table' }, metrics: { ...written(files), numRemovedFiles: removes.length } }
}

/** These rows in place of those in the same partitions; with `partitions`, in place of those in exactly these, by physical column name. */
export function overwritePartitions(
  base: Snapshot, files: readonly AddFile[], partitions: readonly Readonly<Record<string, string | null>>[] = distinctPartitions(files), schema?: StructType, now = Date.now(),
): TableChange {
  const isIn = inPartition({ schema: schema ?? base.schema, mapping: base.mapping })
  const outside = files.find(file => !partitions.some(values => isIn(file, values)))
  if (outside) throw new SchemaMismatch(`${outside.path} is in none of the partitions that are to be overwritten.`, 'Filter the rows to the partitions that are written.', Object.keys(outside.partitionValues)[0] ?? '')
  const replaced = [...base.files].filter(file => partitions.some(values => isIn(file, values)))
  return {
    adds: files, removes: replaced.map(file => removeOf(file, now)), ...newSchema(base, schema),
    reads: { kind: 'files', keys: [], partitions }, metrics: { ...written(files), numRemovedFiles: replaced.length },
  }
}

/** The metadata, and features if need be, of a table whose schema becomes another; nothing where it stays. Column mapping gives new columns their ids. */
export function newSchema(base: Snapshot, schema: StructType | undefined): Pick<TableChange, 'metadata' | 'protocol'> {
  if (!schema || JSON.stringify(schema) === JSON.stringify(base.schema)) return {}
  const features = usesType(schema, 'timestamp_ntz') && !usesType(base.schema, 'timestamp_ntz') ? ['timestampNtz'] : []
  const protocol = withFeatures(base.protocol, features, columnFeatures(schema).filter(feature => !columnFeatures(base.schema).includes(feature)))
  return { metadata: { ...base.metadata, ...schemaOf(base, schema) }, ...(protocol === base.protocol ? {} : { protocol }) }
}

function schemaOf(base: Snapshot, schema: StructType): Pick<Metadata, 'schemaString' | 'configuration'> {
  if (base.mapping === 'none') return { schemaString: JSON.stringify(schema), configuration: base.properties }
  const { schema: named, maxColumnId } = mapped(schema, Number(base.properties['delta.columnMapping.maxColumnId'] ?? 0), 'new')
  return { schemaString: JSON.stringify(named), configuration: { ...base.properties, 'delta.columnMapping.maxColumnId': String(maxColumnId) } }
}

const written = (files: readonly AddFile[]): Record<string, number> => ({
  numFiles: files.length,
  numOutputBytes: files.reduce((total, file) => total + file.size, 0),
  numOutputRows: files.reduce((total, file) => total + Number(/"numRecords":(\d+)/.exec(file.stats ?? '')?.[1] ?? 0), 0),
})

function distinctPartitions(files: readonly AddFile[]): Readonly<Record<string, string | null>>[] {
  return [...new Map(files.map(file => [JSON.stringify(file.partitionValues), file.partitionValues])).values()]
}

function checkPartitionColumns(schema: StructType, columns: readonly string[]): void {
  for (const column of columns) {
    const field = schema.fields.find(({ name }) => name === column)
    if (!field) throw new SchemaMismatch(`The table has no column ${column} to be partitioned by.`, `It has ${schema.fields.map(({ name }) => name).join(', ')}.`, column)
    if (typeof field.type !== 'string') throw new SchemaMismatch(`Column ${column} cannot partition a table: it is no plain value.`, 'Partition by a date, text or number.', column)
  }
  if (columns.length > 0 && columns.length === schema.fields.length) throw new SchemaMismatch('A table needs a column that it is not partitioned by.', 'Take one column out of the partitioning.', columns[0]!)
}
