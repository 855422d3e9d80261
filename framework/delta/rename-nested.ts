import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { isArray, isMap, isStruct, physicalName, type DeltaType, type MappingMode } from './schema-types.ts'

/** SQL that gives the fields inside a value their names in the schema, where column mapping has other ones in the files. */
export function renamedNested(expression: string, type: DeltaType, mode: MappingMode, depth = 0): string {
  if (mode === 'none' || !needsRenaming(type, mode)) return expression
  if (isStruct(type)) {
    const fields = type.fields.map(field => {
      const inner = `struct_extract(${expression}, ${quoteLiteral(physicalName(field, mode))})`
      return `${quoteIdentifier(field.name)} := ${renamedNested(inner, field.type, mode, depth + 1)}`
    })
    return `case when ${expression} is null then null else struct_pack(${fields.join(', ')}) end`
  }
  const item = `x${depth}`
  if (isArray(type)) return `list_transform(${expression}, lambda ${item}: ${renamedNested(item, type.elementType, mode, depth + 1)})`
  if (!isMap(type)) return expression
  const entry = `{'key': ${renamedNested(`${item}.key`, type.keyType, mode, depth + 1)}, 'value': ${renamedNested(`${item}.value`, type.valueType, mode, depth + 1)}}`
  return `map_from_entries(list_transform(map_entries(${expression}), lambda ${item}: ${entry}))`
}

function needsRenaming(type: DeltaType, mode: MappingMode): boolean {
  if (isStruct(type)) return type.fields.some(field => physicalName(field, mode) !== field.name || needsRenaming(field.type, mode))
  if (isArray(type)) return needsRenaming(type.elementType, mode)
  return isMap(type) && (needsRenaming(type.keyType, mode) || needsRenaming(type.valueType, mode))
}
