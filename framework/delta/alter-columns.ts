import { CannotWrite, SchemaMismatch } from './delta-errors.ts'
import { evolve } from './evolve-schema.ts'
import { nullableField } from './schema.ts'
import { fieldNamed, isArray, isMap, isStruct, type DeltaType, type StructField, type StructType } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { newSchema } from './stage.ts'
import type { TableChange } from './table-change.ts'
import { widensTypes } from './type-widening.ts'

/** A column by its name, or a field inside of one by the names that lead to it: `element` leads into a list, `key` and `value` into a map. */
export type ColumnPath = string | readonly string[]
/** Among the fields of the same struct. */
export type ColumnPlace = 'first' | { readonly after: string }

/** Gives a column another name, without touching a file. The table needs column mapping. */
export function renameColumn(base: Snapshot, path: ColumnPath, to: string): TableChange {
  const field = changeable(base, path)
  const schema = fieldsAt(base, parentOf(path), fields => {
    if (fieldNamed({ type: 'struct', fields }, to) && to.toLowerCase() !== field.name.toLowerCase()) throw new SchemaMismatch(`${base.root} has a column ${to} already.`, 'Choose another name.', to)
    return fields.map(known => (known === field ? { name: to, type: known.type, nullable: known.nullable, metadata: known.metadata } : known))
  })
  const change = altered(base, schema)
  if (namesOf(path).length > 1 || !change.metadata) return change
  return { ...change, metadata: { ...change.metadata, partitionColumns: base.partitionColumns.map(name => (name === field.name ? to : name)) } }
}

/** Takes a column out of the schema, without touching a file. The table needs column mapping. */
export function dropColumn(base: Snapshot, path: ColumnPath): TableChange {
  const field = changeable(base, path)
  if (namesOf(path).length === 1 && base.partitionColumns.includes(field.name)) throw new CannotWrite(`${base.root} is partitioned by ${field.name}, so the column cannot be dropped.`, 'Overwrite the table with another partitioning.')
  return altered(base, fieldsAt(base, parentOf(path), fields => {
    if (fields.length === 1) throw new CannotWrite(`${told(path)} is the only column of ${[base.root, ...parentOf(path)].join(', ')}.`, 'A table, and a struct in it, needs at least one column.')
    return fields.filter(known => known !== field)
  }))
}

/** Moves a column among those beside it, without touching a file: columns are found by their names or ids, never by their place. */
export function moveColumn(base: Snapshot, path: ColumnPath, place: ColumnPlace): TableChange {
  const field = fieldAt(base, path)
  return altered(base, fieldsAt(base, parentOf(path), fields => {
    if (place !== 'first' && fieldNamed({ type: 'struct', fields }, place.after) === field) return fields
    return placed(base, fields.filter(known => known !== field), field, place)
  }))
}

/** Adds a column, NULL in the rows that are there; `into` leads to the struct that gets it, the table itself by default. */
export function addColumn(base: Snapshot, { name, type, into = [], place }: { readonly name: string; readonly type: DeltaType; readonly into?: ColumnPath | undefined; readonly place?: ColumnPlace | undefined }): TableChange {
  return altered(base, fieldsAt(base, namesOf(into), fields => {
    if (fieldNamed({ type: 'struct', fields }, name)) throw new SchemaMismatch(`${base.root} has a column ${[...namesOf(into), name].join('.')} already.`, 'Choose another name.', name)
    return placed(base, fields, nullableField(name, type), place)
  }))
}

/** Gives a column, or what is inside of one, a type that holds all of its values, without touching a file. @throws {SchemaMismatch} where the protocol does not let the type become that one, or the table its types be widened */
export function widenColumn(base: Snapshot, path: ColumnPath, type: string): TableChange {
  const wanted = typeAt(base, base.schema, namesOf(path), () => type) as StructType
  const schema = evolve(base.schema, wanted, 'strict', widensTypes(base))
  if (JSON.stringify(schema) === JSON.stringify(base.schema)) throw new SchemaMismatch(`Column ${told(path)} of ${base.root} cannot become ${type}, which holds fewer values or the same.`, 'Overwrite the table to make a type narrower.', told(path))
  return altered(base, schema)
}

function placed(base: Snapshot, others: readonly StructField[], field: StructField, place: ColumnPlace | undefined): readonly StructField[] {
  if (place === undefined) return [...others, field]
  if (place === 'first') return [field, ...others]
  const before = fieldNamed({ type: 'struct', fields: others }, place.after)
  if (!before) throw new SchemaMismatch(`${base.root} has no column ${place.after} for ${field.name} to stand after.`, `There are ${others.map(({ name }) => name).join(', ')}.`, place.after)
  return others.flatMap(known => (known === before ? [known, field] : [known]))
}

function changeable(base: Snapshot, path: ColumnPath): StructField {
  const field = fieldAt(base, path)
  if (base.mapping === 'none') throw new CannotWrite(`Columns of ${base.root} cannot be renamed or dropped: their names stand in its files.`, 'Turn column mapping on first: set delta.columnMapping.mode to name.')
  const mentions = new RegExp(`(^|[^A-Za-z0-9_])${field.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}([^A-Za-z0-9_]|$)`, 'i')
  const rule = Object.entries(base.properties).find(([property, text]) => (property.startsWith('delta.constraints.') || property === 'delta.dataSkippingStatsColumns') && mentions.test(text))
    ?? base.schema.fields.map(({ metadata }) => metadata?.['delta.generationExpression']).filter(text => typeof text === 'string' && mentions.test(text)).map(text => ['a generated column', text])[0]
  if (rule) throw new CannotWrite(`Column ${field.name} stands in a rule of ${base.root}: ${String(rule[0]).replace('delta.constraints.', '')} (${String(rule[1])}).`, 'Drop the rule first.')
  return field
}

function fieldAt(base: Snapshot, path: ColumnPath): StructField {
  const name = namesOf(path).at(-1) ?? ''
  let found: StructField | undefined
  typeAt(base, base.schema, parentOf(path), type => {
    found = isStruct(type) ? fieldNamed(type, name) : undefined
    return type
  })
  if (!found) throw missing(base, path)
  return found
}

/** The schema with other fields in the struct that a path leads to. */
const fieldsAt = (base: Snapshot, path: readonly string[], change: (fields: readonly StructField[]) => readonly StructField[]): StructType =>
  typeAt(base, base.schema, path, type => {
    if (!isStruct(type)) throw new SchemaMismatch(`${path.join('.')} of ${base.root} has no fields.`, 'Name a struct; element, key and value lead into lists and maps.', path.join('.'))
    return { ...type, fields: change(type.fields) }
  }) as StructType

function typeAt(base: Snapshot, type: DeltaType, path: readonly string[], change: (type: DeltaType) => DeltaType, whole = path): DeltaType {
  const [head, ...rest] = path
  const inside = (inner: DeltaType) => typeAt(base, inner, rest, change, whole)
  if (head === undefined) return change(type)
  const field = isStruct(type) ? fieldNamed(type, head) : undefined
  if (isStruct(type) && field) return { ...type, fields: type.fields.map(known => (known === field ? { ...known, type: inside(known.type) } : known)) }
  if (isArray(type) && head === 'element') return { ...type, elementType: inside(type.elementType) }
  if (isMap(type) && head === 'key') return { ...type, keyType: inside(type.keyType) }
  if (isMap(type) && head === 'value') return { ...type, valueType: inside(type.valueType) }
  throw missing(base, whole)
}

const missing = (base: Snapshot, path: ColumnPath) => new SchemaMismatch(`${base.root} has no column ${told(path)}.`, `It has ${base.schema.fields.map(known => known.name).join(', ')}.`, told(path))
const namesOf = (path: ColumnPath): readonly string[] => (typeof path === 'string' ? [path] : path)
const parentOf = (path: ColumnPath): readonly string[] => namesOf(path).slice(0, -1)
const told = (path: ColumnPath): string => namesOf(path).join('.')

/** A change of the metadata alone; of nothing where the schema stays as it is. */
const altered = (base: Snapshot, schema: StructType): TableChange => ({ adds: [], removes: [], ...newSchema(base, schema), reads: { kind: 'nothing' }, metrics: {} })
