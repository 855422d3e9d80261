import { mapped } from './column-mapping.ts'
import { CannotWrite, SchemaMismatch } from './delta-errors.ts'
import { withFeatures } from './protocol.ts'
import { fieldNamed, type StructField } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'

/** Sets table properties; undefined takes one away. Features that a property needs come with it. */
export function setProperties(base: Snapshot, properties: Readonly<Record<string, string | undefined>>): TableChange {
  const configuration = Object.fromEntries(Object.entries({ ...base.properties, ...properties }).filter((entry): entry is [string, string] => entry[1] !== undefined))
  const turnsOn = (name: string, value = 'true') => configuration[name] === value && base.properties[name] !== value
  if (configuration['delta.columnMapping.mode'] !== base.properties['delta.columnMapping.mode']) {
    if (!turnsOn('delta.columnMapping.mode', 'name') || base.mapping !== 'none') throw new CannotWrite(`The column mapping of ${base.root} cannot be changed that way.`, 'It can be turned on, with mode name.')
  }
  const mapping = turnsOn('delta.columnMapping.mode', 'name') ? mapped(base.schema, 0, 'own') : undefined
  const both = [...(turnsOn('delta.enableDeletionVectors') ? ['deletionVectors'] : []), ...(mapping ? ['columnMapping'] : []), ...(turnsOn('delta.enableTypeWidening') ? ['typeWidening'] : []), ...(turnsOn('delta.checkpointPolicy', 'v2') ? ['v2Checkpoint'] : [])]
  const writer = [
    ...(turnsOn('delta.enableChangeDataFeed') ? ['changeDataFeed'] : []),
    ...(turnsOn('delta.enableInCommitTimestamps') ? ['inCommitTimestamp'] : []),
    ...(Object.keys(properties).some(name => name.startsWith('delta.constraints.')) ? ['checkConstraints'] : []),
  ]
  const timed = turnsOn('delta.enableInCommitTimestamps')
    ? { 'delta.inCommitTimestampEnablementVersion': String(base.version + 1), 'delta.inCommitTimestampEnablementTimestamp': String(Math.max(Date.now(), (base.timestamp?.getTime() ?? 0) + 1)) } : {}
  const protocol = withFeatures(base.protocol, both, writer)
  return {
    adds: [], removes: [], reads: { kind: 'nothing' }, metrics: {},
    ...(protocol === base.protocol ? {} : { protocol }),
    metadata: {
      ...base.metadata,
      configuration: { ...configuration, ...timed, ...(mapping ? { 'delta.columnMapping.maxColumnId': String(mapping.maxColumnId) } : {}) },
      ...(mapping ? { schemaString: JSON.stringify(mapping.schema) } : {}),
    },
  }
}

/** Gives a column another name, without touching a file. The table needs column mapping. */
export function renameColumn(base: Snapshot, from: string, to: string): TableChange {
  const field = changeable(base, from)
  if (fieldNamed(base.schema, to)) throw new SchemaMismatch(`${base.root} has a column ${to} already.`, 'Choose another name.', to)
  const fields = base.schema.fields.map(known => (known === field ? { name: to, type: known.type, nullable: known.nullable, metadata: known.metadata } : known))
  const partitionColumns = base.partitionColumns.map(name => (name === field.name ? to : name))
  return metadataOnly(base, { ...base.metadata, schemaString: JSON.stringify({ type: 'struct', fields }), partitionColumns })
}

/** Takes a column out of the schema, without touching a file. The table needs column mapping. */
export function dropColumn(base: Snapshot, name: string): TableChange {
  const field = changeable(base, name)
  if (base.partitionColumns.includes(field.name)) throw new CannotWrite(`${base.root} is partitioned by ${field.name}, so the column cannot be dropped.`, 'Overwrite the table with another partitioning.')
  if (base.schema.fields.length === 1) throw new CannotWrite(`${field.name} is the only column of ${base.root}.`, 'A table needs at least one column.')
  return metadataOnly(base, { ...base.metadata, schemaString: JSON.stringify({ type: 'struct', fields: base.schema.fields.filter(known => known !== field) }) })
}

function changeable(base: Snapshot, name: string): StructField {
  const field = fieldNamed(base.schema, name)
  if (!field) throw new SchemaMismatch(`${base.root} has no column ${name}.`, `It has ${base.schema.fields.map(known => known.name).join(', ')}.`, name)
  if (base.mapping === 'none') throw new CannotWrite(`Columns of ${base.root} cannot be renamed or dropped: their names stand in its files.`, 'Turn column mapping on first: set delta.columnMapping.mode to name.')
  const mentions = new RegExp(`(^|[^A-Za-z0-9_])${field.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}([^A-Za-z0-9_]|$)`, 'i')
  const rule = Object.entries(base.properties).find(([property, text]) => property.startsWith('delta.constraints.') && mentions.test(text))
    ?? base.schema.fields.map(({ metadata }) => metadata?.['delta.generationExpression']).filter(text => typeof text === 'string' && mentions.test(text)).map(text => ['a generated column', text])[0]
  if (rule) throw new CannotWrite(`Column ${field.name} stands in a rule of ${base.root}: ${String(rule[0]).replace('delta.constraints.', '')} (${String(rule[1])}).`, 'Drop the rule first.')
  return field
}

const metadataOnly = (base: Snapshot, metadata: Snapshot['metadata']): TableChange => ({ adds: [], removes: [], metadata, reads: { kind: 'nothing' }, metrics: {} })
