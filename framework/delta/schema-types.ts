/** A table's schema, in the words of the protocol: `StructType.json` of Spark. */
export interface StructType {
  readonly type: 'struct'
  readonly fields: readonly StructField[]
}

export interface StructField {
  readonly name: string
  readonly type: DeltaType
  readonly nullable: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

export interface ArrayType {
  readonly type: 'array'
  readonly elementType: DeltaType
  readonly containsNull: boolean
}

export interface MapType {
  readonly type: 'map'
  readonly keyType: DeltaType
  readonly valueType: DeltaType
  readonly valueContainsNull: boolean
}

/** A primitive is its name, as in `long` or `decimal(18,2)`. */
export type DeltaType = string | StructType | ArrayType | MapType

export const PHYSICAL_NAME = 'delta.columnMapping.physicalName'
export const COLUMN_ID = 'delta.columnMapping.id'

/** How columns are found in data files: by their name, or as column mapping says. */
export type MappingMode = 'none' | 'name' | 'id'

/** The name of a field in data files, statistics and partition values. */
export function physicalName(field: StructField, mode: MappingMode): string {
  const name = field.metadata?.[PHYSICAL_NAME]
  return mode === 'none' || typeof name !== 'string' ? field.name : name
}

export const isStruct = (type: DeltaType): type is StructType => typeof type !== 'string' && type.type === 'struct'
export const isArray = (type: DeltaType): type is ArrayType => typeof type !== 'string' && type.type === 'array'
export const isMap = (type: DeltaType): type is MapType => typeof type !== 'string' && type.type === 'map'

/** The field of that name, in any case: Delta's names are unique without regard to case. */
export const fieldNamed = (schema: StructType, name: string): StructField | undefined =>
  schema.fields.find(field => field.name === name) ?? schema.fields.find(field => field.name.toLowerCase() === name.toLowerCase())

/** Whether JSON is a type of a schema. Names of plain types are not looked at. */
export function isSchema(json: unknown, depth = 0): boolean {
  if (typeof json === 'string') return depth > 0
  if (typeof json !== 'object' || json === null) return false
  const { type, fields, elementType, keyType, valueType } = json as Readonly<Record<string, unknown>>
  const inside = (inner: unknown) => isSchema(inner, depth + 1)
  switch (type) {
    case 'struct': return Array.isArray(fields) && fields.every((field: { readonly name?: unknown; readonly type?: unknown } | null) => typeof field?.name === 'string' && inside(field.type))
    case 'array': return depth > 0 && inside(elementType)
    case 'map': return depth > 0 && inside(keyType) && inside(valueType)
    default: return depth > 0 && typeof type === 'string'
  }
}
