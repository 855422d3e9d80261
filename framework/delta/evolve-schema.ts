import { didYouMean } from '../vocabulary/near-names.ts'
import { SchemaMismatch } from './delta-errors.ts'
import { hasOwnValue } from './own-values.ts'
import { duckdbType } from './schema.ts'
import { holds } from './type-range.ts'
import { mayWiden, TYPE_CHANGES, type TypeChange } from './type-widening.ts'
import { isArray, isMap, isStruct, type DeltaType, type StructField, type StructType } from './schema-types.ts'

/** `add`: new columns join the table, NULL in old rows. `strict`: both must agree. `ignore`: what the table does not have is left out. */
export type Evolution = 'add' | 'strict' | 'ignore'

/**
 * The schema of a table after rows of another one are written to it. Columns that the rows lack become NULL. A type may only become
 * one that holds all of its values, and then the table's own stays; where it `widens`, the table's own may become the wider one. @throws {SchemaMismatch} naming the column and the migration
 */
export function evolve(table: StructType, rows: StructType, evolution: Evolution, widens = false): StructType {
  const fields = merged(table, rows, { evolution, widens }, '')
  return fields === table.fields ? table : { type: 'struct', fields }
}

interface Rules {
  readonly evolution: Evolution
  readonly widens: boolean
}

function merged(table: StructType, rows: StructType, rules: Rules, path: string): readonly StructField[] {
  const { evolution } = rules
  const incoming = new Map(rows.fields.map(field => [field.name.toLowerCase(), field]))
  const known = new Set(table.fields.map(field => field.name.toLowerCase()))
  let changed = false
  const fields = table.fields.map(field => {
    const other = incoming.get(field.name.toLowerCase())
    if (!other) {
      if (path === '' && hasOwnValue(field)) return field
      if (evolution === 'strict') throw new SchemaMismatch(`Column ${path}${field.name} is missing from the rows.`, 'Select it, or let the schema evolve with evolve: \'add\'.', path + field.name)
      if (!field.nullable) throw new SchemaMismatch(`Column ${path}${field.name} is required but missing from the rows.`, 'Select it; a required column has no default.', path + field.name)
      return field
    }
    const changes: TypeChange[] = []
    const type = mergedType(field.type, other.type, rules, path + field.name, '', changes)
    if (type === field.type) return field
    changed = true
    return { ...field, type, metadata: withChanges(field.metadata, changes) }
  })
  const added = rows.fields.filter(field => !known.has(field.name.toLowerCase()))
  if (evolution === 'strict' && added[0]) {
    const hint = didYouMean(added[0].name, table.fields.map(({ name }) => name), 'Leave it out, or let the schema evolve with evolve: \'add\'.')
    throw new SchemaMismatch(`The table has no column ${path}${added[0].name}.`, hint, path + added[0].name)
  }
  if (evolution === 'ignore' || added.length === 0) return changed ? fields : table.fields
  return [...fields, ...added.map(({ name, type, metadata }): StructField => ({ name, type, nullable: true, metadata }))]
}

const withChanges = (metadata: StructField['metadata'], changes: readonly TypeChange[]): StructField['metadata'] =>
  changes.length === 0 ? metadata : { ...metadata, [TYPE_CHANGES]: [...((metadata?.[TYPE_CHANGES] as readonly TypeChange[] | undefined) ?? []), ...changes] }

function mergedType(table: DeltaType, rows: DeltaType, rules: Rules, column: string, inside: string, changes: TypeChange[]): DeltaType {
  const below = (part: string) => (inside === '' ? part : `${inside}.${part}`)
  if (isStruct(table) && isStruct(rows)) {
    const fields = merged(table, rows, rules, `${column}.`)
    return fields === table.fields ? table : { ...table, fields }
  }
  if (isArray(table) && isArray(rows)) {
    const elementType = mergedType(table.elementType, rows.elementType, rules, `${column}.element`, below('element'), changes)
    return elementType === table.elementType ? table : { ...table, elementType }
  }
  if (isMap(table) && isMap(rows)) {
    const keyType = mergedType(table.keyType, rows.keyType, rules, `${column}.key`, below('key'), changes)
    const valueType = mergedType(table.valueType, rows.valueType, rules, `${column}.value`, below('value'), changes)
    return keyType === table.keyType && valueType === table.valueType ? table : { ...table, keyType, valueType }
  }
  if (typeof table === 'string' && typeof rows === 'string' && holds(table, rows)) return table
  if (rows === 'void') return table
  const widened = typeof table === 'string' && typeof rows === 'string' && mayWiden(table, rows)
  if (widened && rules.widens) {
    changes.push({ fromType: table, toType: rows, ...(inside !== '' && { fieldPath: inside }) })
    return rows
  }
  throw new SchemaMismatch(
    `Column ${column} is ${duckdbType(table)} in the table but ${duckdbType(rows)} in the rows.`,
    `Cast it to ${duckdbType(table)} in the query, ${widened ? 'let the table widen its types (delta.enableTypeWidening), ' : ''}or overwrite the table to change the column's type.`, column)
}
