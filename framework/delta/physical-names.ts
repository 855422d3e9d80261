import { quoteIdentifier } from '../vocabulary/sql.ts'
import { duckdbType } from './schema.ts'
import { COLUMN_ID, isArray, isMap, isStruct, physicalName, type DeltaType, type MappingMode, type StructField } from './schema-types.ts'

/** SQL that casts a value to its type in data files; with column mapping the fields inside it get their physical names. */
export function withPhysicalNames(expression: string, type: DeltaType, mode: MappingMode): string {
  const cast = `${expression}::${duckdbType(type)}`
  return mode === 'none' ? cast : renamed(cast, type, mode, 0)
}

function renamed(expression: string, type: DeltaType, mode: MappingMode, depth: number): string {
  if (!holdsStruct(type)) return expression
  if (isStruct(type)) {
    const fields = type.fields.map(field => `${quoteIdentifier(physicalName(field, mode))} := ${renamed(`(${expression}).${quoteIdentifier(field.name)}`, field.type, mode, depth)}`)
    return `case when ${expression} is null then null else struct_pack(${fields.join(', ')}) end`
  }
  const item = `y${depth}`
  if (isArray(type)) return `list_transform(${expression}, lambda ${item}: ${renamed(item, type.elementType, mode, depth + 1)})`
  if (!isMap(type)) return expression
  return `map_from_entries(list_transform(map_entries(${expression}), lambda ${item}: {'key': ${renamed(`${item}.key`, type.keyType, mode, depth + 1)}, 'value': ${renamed(`${item}.value`, type.valueType, mode, depth + 1)}}))`
}

const holdsStruct = (type: DeltaType): boolean =>
  isStruct(type) || (isArray(type) && holdsStruct(type.elementType)) || (isMap(type) && (holdsStruct(type.keyType) || holdsStruct(type.valueType)))

/** The `field_ids` setting of a COPY: readers that map by id find columns by it. */
export function fieldIds(fields: readonly StructField[], mode: MappingMode): string {
  const of = (field: StructField): string => `${quoteIdentifier(physicalName(field, mode))}: ${inside(Number(field.metadata[COLUMN_ID]), field.type)}`
  const inside = (id: number | undefined, type: DeltaType): string => {
    const own = id === undefined ? [] : [`__duckdb_field_id: ${id}`]
    if (isStruct(type)) return `{${[...own, ...type.fields.map(of)].join(', ')}}`
    if (isArray(type) && holdsStruct(type)) return `{${[...own, `element: ${inside(undefined, type.elementType)}`].join(', ')}}`
    if (isMap(type) && holdsStruct(type)) {
      const parts = [['key', type.keyType], ['value', type.valueType]] as const
      return `{${[...own, ...parts.filter(([, part]) => holdsStruct(part)).map(([name, part]) => `${name}: ${inside(undefined, part)}`)].join(', ')}}`
    }
    return String(id)
  }
  return `{${fields.map(of).join(', ')}}`
}
