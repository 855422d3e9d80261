import { didYouMean } from '../vocabulary/near-names.ts'
import { SchemaMismatch } from './delta-errors.ts'
import { duckdbType } from './schema.ts'
import { isArray, isMap, isStruct, type DeltaType, type StructField, type StructType } from './schema-types.ts'

/** `add`: new columns join the table, NULL in old rows. `strict`: both must agree. `ignore`: what the table does not have is left out. */
export type Evolution = 'add' | 'strict' | 'ignore'

/**
 * The schema of a table after rows of another one are written to it. Columns that the rows lack become NULL. A type may only become
 * one that holds all of its values, and then the table's own stays. @throws {SchemaMismatch} naming the column and the migration
 */
export function evolve(table: StructType, rows: StructType, evolution: Evolution): StructType {
  const fields = merged(table, rows, evolution, '')
  return fields === table.fields ? table : { type: 'struct', fields }
}

function merged(table: StructType, rows: StructType, evolution: Evolution, path: string): readonly StructField[] {
  const incoming = new Map(rows.fields.map(field => [field.name.toLowerCase(), field]))
  const known = new Set(table.fields.map(field => field.name.toLowerCase()))
  let changed = false
  const fields = table.fields.map(field => {
    const other = incoming.get(field.name.toLowerCase())
    if (!other) {
      if (evolution === 'strict') throw new SchemaMismatch(`Column ${path}${field.name} is missing from the rows.`, 'Select it, or let the schema evolve with evolve: \'add\'.', path + field.name)
      if (!field.nullable) throw new SchemaMismatch(`Column ${path}${field.name} is required but missing from the rows.`, 'Select it; a required column has no default.', path + field.name)
      return field
    }
    const type = mergedType(field.type, other.type, evolution, path + field.name)
    if (type === field.type) return field
    changed = true
    return retyped(field, type)
  })
  const added = rows.fields.filter(field => !known.has(field.name.toLowerCase()))
  if (evolution === 'strict' && added[0]) {
    const hint = didYouMean(added[0].name, table.fields.map(({ name }) => name), 'Leave it out, or let the schema evolve with evolve: \'add\'.')
    throw new SchemaMismatch(`The table has no column ${path}${added[0].name}.`, hint, path + added[0].name)
  }
  if (evolution === 'ignore' || added.length === 0) return changed ? fields : table.fields
  return [...fields, ...added.map(({ name, type, metadata }): StructField => ({ name, type, nullable: true, metadata }))]
}

const retyped = (field: StructField, type: DeltaType): StructField => ({ ...field, type })

function mergedType(table: DeltaType, rows: DeltaType, evolution: Evolution, column: string): DeltaType {
  if (isStruct(table) && isStruct(rows)) {
    const fields = merged(table, rows, evolution, `${column}.`)
    return fields === table.fields ? table : { ...table, fields }
  }
  if (isArray(table) && isArray(rows)) {
    const elementType = mergedType(table.elementType, rows.elementType, evolution, `${column}.element`)
    return elementType === table.elementType ? table : { ...table, elementType }
  }
  if (isMap(table) && isMap(rows)) {
    const keyType = mergedType(table.keyType, rows.keyType, evolution, `${column}.key`)
    const valueType = mergedType(table.valueType, rows.valueType, evolution, `${column}.value`)
    return keyType === table.keyType && valueType === table.valueType ? table : { ...table, keyType, valueType }
  }
  if (typeof table === 'string' && typeof rows === 'string' && holds(table, rows)) return table
  if (rows === 'void') return table
  throw new SchemaMismatch(
    `Column ${column} is ${duckdbType(table)} in the table but ${duckdbType(rows)} in the rows.`,
    `Cast it to ${duckdbType(table)} in the query, or overwrite the table to change the column's type.`, column)
}

const INTEGERS = ['byte', 'short', 'integer', 'long']
const DIGITS: Readonly<Record<string, number>> = { byte: 3, short: 5, integer: 10, long: 19 }

/** Whether every value of the second type is one of the first. */
export function holds(wide: string, narrow: string): boolean {
  if (wide === narrow) return true
  if (INTEGERS.includes(wide)) return INTEGERS.includes(narrow) && INTEGERS.indexOf(narrow) <= INTEGERS.indexOf(wide)
  if (wide === 'double') return narrow === 'float' || ['byte', 'short', 'integer'].includes(narrow)
  if (wide === 'float') return narrow === 'byte' || narrow === 'short'
  if (wide === 'string') return /^(?:char|varchar)\(/.test(narrow)
  const decimal = digits(wide)
  if (!decimal || !wide.startsWith('decimal')) return false
  const other = digits(narrow)
  return other !== undefined && other.scale <= decimal.scale && other.precision - other.scale <= decimal.precision - decimal.scale
}

function digits(type: string): { readonly precision: number; readonly scale: number } | undefined {
  if (DIGITS[type] !== undefined) return { precision: DIGITS[type], scale: 0 }
  const parts = /^decimal(?:\((\d+),\s*(\d+)\))?$/.exec(type)
  return parts ? { precision: Number(parts[1] ?? 10), scale: Number(parts[2] ?? 0) } : undefined
}
