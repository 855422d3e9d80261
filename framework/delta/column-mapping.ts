import { randomUUID } from 'node:crypto'
import { COLUMN_ID, PHYSICAL_NAME, isArray, isMap, isStruct, type DeltaType, type StructField, type StructType } from './schema-types.ts'

export interface MappedSchema {
  readonly schema: StructType
  /** For `delta.columnMapping.maxColumnId`. */
  readonly maxColumnId: number
}

/** Gives ids and physical names to the fields that have none. The largest id that is said to be in use is not always: other writers forget to tell. @param name the physical name of a field: its own for columns that have files already, else one that was never there */
export function mapped(schema: StructType, maxColumnId: number, name: 'own' | 'new'): MappedSchema {
  let last = Math.max(maxColumnId, largestId(schema))
  const struct = (type: StructType): StructType => ({ ...type, fields: type.fields.map(field) })
  const field = (given: StructField): StructField => {
    const known = given.metadata?.[COLUMN_ID] !== undefined && given.metadata[PHYSICAL_NAME] !== undefined
    if (!known) last += 1
    const metadata = known ? given.metadata : { ...given.metadata, [COLUMN_ID]: last, [PHYSICAL_NAME]: name === 'own' ? given.name : `col-${randomUUID()}` }
    return { name: given.name, type: inside(given.type), nullable: given.nullable, metadata }
  }
  const inside = (type: DeltaType): DeltaType => {
    if (isStruct(type)) return struct(type)
    if (isArray(type)) return { ...type, elementType: inside(type.elementType) }
    return isMap(type) ? { ...type, keyType: inside(type.keyType), valueType: inside(type.valueType) } : type
  }
  const result = struct(schema)
  return { schema: result, maxColumnId: last }
}

function largestId(type: DeltaType): number {
  if (isStruct(type)) return type.fields.reduce((most, field) => Math.max(most, Number(field.metadata?.[COLUMN_ID] ?? 0), largestId(field.type)), 0)
  if (isArray(type)) return largestId(type.elementType)
  return isMap(type) ? Math.max(largestId(type.keyType), largestId(type.valueType)) : 0
}
