import { columnType, columnTypeText, type ColumnType } from './column-type.ts'

/**
 * The nearest type that every lakehouse engine reads from parquet: HUGEINT as DECIMAL(38,0) (DuckDB would write a DOUBLE), unsigned
 * integers as the next signed ones, UUID, ENUM, JSON, TIME, INTERVAL, BIT and UNION as text, timestamps of other precisions in microseconds.
 */
export function storableType(type: ColumnType): ColumnType {
  switch (type.kind) {
    case 'scalar': return { kind: 'scalar', name: storableName(type.name) }
    case 'list': return { kind: 'list', of: storableType(type.of) }
    case 'map': return { kind: 'map', key: storableType(type.key), value: storableType(type.value) }
    case 'struct': return { kind: 'struct', fields: type.fields.map(field => ({ name: field.name, type: storableType(field.type) })) }
  }
}

/** {@link storableType} from text to text, as DESCRIBE gives types and as a cast takes them. */
export const storableTypeText = (text: string): string => columnTypeText(storableType(columnType(text)))

function storableName(name: string): string {
  const plain = name.replace(/\(.*$/s, '').toUpperCase()
  return STORABLE[plain] ?? name
}

const STORABLE: Readonly<Record<string, string>> = {
  HUGEINT: 'DECIMAL(38,0)', UHUGEINT: 'DECIMAL(38,0)', BIGNUM: 'DECIMAL(38,0)',
  UTINYINT: 'SMALLINT', USMALLINT: 'INTEGER', UINTEGER: 'BIGINT', UBIGINT: 'DECIMAL(20,0)',
  UUID: 'VARCHAR', ENUM: 'VARCHAR', JSON: 'VARCHAR', UNION: 'VARCHAR', BIT: 'VARCHAR', BITSTRING: 'VARCHAR', INTERVAL: 'VARCHAR',
  'TIME': 'VARCHAR', 'TIME_NS': 'VARCHAR', 'TIME WITH TIME ZONE': 'VARCHAR', TIMETZ: 'VARCHAR',
  TIMESTAMP_S: 'TIMESTAMP', TIMESTAMP_MS: 'TIMESTAMP', TIMESTAMP_NS: 'TIMESTAMP',
  '"NULL"': 'INTEGER', 'NULL': 'INTEGER',
}
