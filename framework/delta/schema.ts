import { columnType, type ColumnType } from '../duckdb/column-type.ts'
import { storableType } from '../duckdb/storable-type.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { UnsupportedType } from './delta-errors.ts'
import { isArray, isMap, isStruct, physicalName, type DeltaType, type MappingMode, type StructField, type StructType } from './schema-types.ts'

/** A column with its DuckDB type as text. */
export interface TypedColumn {
  readonly name: string
  readonly type: string
}

/** The Delta schema of a DuckDB relation's columns, all nullable. @throws {UnsupportedType} */
export function deltaSchemaOf(columns: readonly TypedColumn[]): StructType {
  return { type: 'struct', fields: columns.map(({ name, type }) => nullableField(name, deltaType(storableType(columnType(type)), name))) }
}

/** The DuckDB columns of a Delta schema. */
export const columnsOf = (schema: StructType): TypedColumn[] => schema.fields.map(field => ({ name: field.name, type: duckdbType(field.type) }))

/** The DuckDB type that holds a Delta type. With a mapping mode, nested fields have their names in data files. @throws {UnsupportedType} */
export function duckdbType(type: DeltaType, mode: MappingMode = 'none'): string {
  if (isStruct(type)) return `STRUCT(${type.fields.map(field => `${quoteIdentifier(physicalName(field, mode))} ${duckdbType(field.type, mode)}`).join(', ')})`
  if (isArray(type)) return `${duckdbType(type.elementType, mode)}[]`
  if (isMap(type)) return `MAP(${duckdbType(type.keyType, mode)}, ${duckdbType(type.valueType, mode)})`
  if (typeof type !== 'string') throw new UnsupportedType(JSON.stringify(type))
  const plain = PRIMITIVES[type]
  if (plain !== undefined) return plain
  const decimal = /^decimal\((\d+),\s*(-?\d+)\)$/.exec(type)
  if (decimal) return `DECIMAL(${decimal[1]},${decimal[2]})`
  if (/^(?:char|varchar)\(\d+\)$/.test(type) || /^string collate /i.test(type)) return 'VARCHAR'
  throw new UnsupportedType(type)
}

export const nullableField = (name: string, type: DeltaType): StructField => ({ name, type, nullable: true, metadata: {} })

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'VARCHAR', long: 'BIGINT', integer: 'INTEGER', short: 'SMALLINT', byte: 'TINYINT', float: 'FLOAT', double: 'DOUBLE', boolean: 'BOOLEAN',
  binary: 'BLOB', date: 'DATE', timestamp: 'TIMESTAMP WITH TIME ZONE', timestamp_ntz: 'TIMESTAMP', decimal: 'DECIMAL(10,0)', void: 'INTEGER', variant: 'VARIANT',
}

const FROM_DUCKDB: Readonly<Record<string, string>> = {
  VARCHAR: 'string', BIGINT: 'long', INTEGER: 'integer', SMALLINT: 'short', TINYINT: 'byte', FLOAT: 'float', DOUBLE: 'double', BOOLEAN: 'boolean',
  BLOB: 'binary', DATE: 'date', 'TIMESTAMP WITH TIME ZONE': 'timestamp', TIMESTAMPTZ: 'timestamp', TIMESTAMP: 'timestamp_ntz',
}

function deltaType(type: ColumnType, column: string): DeltaType {
  switch (type.kind) {
    case 'list': return { type: 'array', elementType: deltaType(type.of, column), containsNull: true }
    case 'map': return { type: 'map', keyType: deltaType(type.key, column), valueType: deltaType(type.value, column), valueContainsNull: true }
    case 'struct': return { type: 'struct', fields: type.fields.map(field => nullableField(field.name, deltaType(field.type, column))) }
    case 'scalar': {
      const decimal = /^(?:DECIMAL|NUMERIC)\((\d+),\s*(\d+)\)$/i.exec(type.name)
      const delta = decimal ? `decimal(${decimal[1]},${decimal[2]})` : FROM_DUCKDB[type.name.toUpperCase()]
      if (delta === undefined) throw new UnsupportedType(type.name, column)
      return delta
    }
  }
}
