import { column, join, sql, sqlType, type SqlFragment, type SqlTypeName, type TableReference } from '../vocabulary/sql.ts'

/** A column that a source promises. */
export interface ContractColumn {
  /** The column's name in the source. */
  readonly name: string
  /** Its name in the table; the same where absent. */
  readonly as?: string | undefined
  /** A SQL type: `varchar`, `bigint`, `decimal(18,2)`, `date`, `timestamptz`, `boolean`, `double`. */
  readonly type: string
  /** A file without this column is refused. */
  readonly required: boolean
  readonly tags: readonly string[]
  readonly description?: string | undefined
}

/** What a source's files must look like: `config/schema_definitions/<source>_<table>_<layer>.json`, read and checked. */
export interface Contract {
  readonly name: string
  /** Semantic version of the contract itself. */
  readonly version: string
  readonly primaryKey: readonly string[]
  readonly columns: readonly ContractColumn[]
}

/** The columns that must be there. */
export const requiredColumns = (contract: Contract): string[] => contract.columns.filter(({ required }) => required).map(({ name }) => name)

/**
 * The table's columns as the contract types and names them. Text that cannot be cast becomes NULL here: the strict casts, which
 * reject the row, are silver's. Dates and instants are read in ISO 8601, `MM/DD/YYYY [HH:MM[:SS]]` and with a trailing `Z`.
 */
export function conform(table: TableReference, contract: Contract, extra: readonly SqlFragment[] = []): SqlFragment {
  const columns = contract.columns.map(({ name, as, type }) => sql`${typed(column(name), sqlType(type))} as ${column(as ?? name)}`)
  return sql`select ${join([...columns, ...extra])} from ${table}`
}

function typed(text: { readonly column: string }, type: SqlTypeName): SqlFragment {
  const trimmed = sql`nullif(trim(${text}), '')`
  switch (type.sqlType.toLowerCase()) {
    case 'varchar': return sql`nullif(${text}, '')`
    case 'date': return sql`coalesce(try_cast(${trimmed} as date), try_strptime(${trimmed}, ['%m/%d/%Y', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S'])::date)`
    case 'timestamptz': return sql`coalesce(try_cast(${trimmed} as timestamptz), try_strptime(${trimmed}, ['%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y'])::timestamptz)`
    default: return sql`try_cast(${trimmed} as ${type})`
  }
}
