import { STRICT_INGESTION, type Ingestion } from './ingestion.ts'
import { CAST_FAILED } from './row-rules.ts'
import { read, readAmerican, trimmed } from './portable.ts'
import { column, inDialects, join, sql, sqlType, type SqlFragment, type SqlTypeName, type TableReference } from '../vocabulary/sql.ts'

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
  /** false: a row without a value here is kept aside by the table that is made of the files. Absent: it may be NULL. */
  readonly nullable?: boolean | undefined
  /** What stands in place of a missing value; the run counts how often. */
  readonly default?: string | number | boolean | undefined
  readonly tags: readonly string[]
  readonly description?: string | undefined
}

/** What a source's files must look like: `config/schema_definitions/<source>_<table>_<layer>.json`, read and checked. */
export interface Contract {
  readonly name: string
  /** Semantic version of the contract itself. */
  readonly version: string
  /** The system that the table comes from. */
  readonly source: string
  /** The table's name in that system. */
  readonly table: string
  /** How files are held to it; absent: strictly. */
  readonly ingestion?: Ingestion | undefined
  readonly primaryKey: readonly string[]
  /** Columns of the source that may come, and that nobody wants. */
  readonly ignores?: readonly string[] | undefined
  readonly columns: readonly ContractColumn[]
}

export const ingestionOf = ({ ingestion = STRICT_INGESTION }: Pick<Contract, 'ingestion'>): Ingestion => ingestion

/** The columns that landing adds to those of a file. */
const LANDED = ['_proc_date', '_source_file', '_source_row']

/** Where a row came from, for {@link conform}: the day on which it landed, its file, and which of the file's rows it is. */
export const ORIGIN: readonly SqlFragment[] = LANDED.map(name => sql`${column(name)}`)

/**
 * The table's columns as the contract types and names them. Text that cannot be cast becomes NULL, and is kept in `_cast_failed`, a JSON
 * object of the original texts by column, NULL where all went well: a table that is held to `castable()` rejects the row, and nothing is
 * lost silently. With `schema_on_read` the columns that the contract does not know come after the others, as text. Dates and instants are read in ISO 8601, `MM/DD/YYYY [HH:MM[:SS]]` and with a trailing `Z`.
 */
export function conform(table: TableReference, contract: Contract, extra: readonly SqlFragment[] = []): SqlFragment {
  const columns = contract.columns.map(({ name, as, type, default: otherwise }) => {
    const value = typed(column(name), sqlType(type))
    const filled = otherwise === undefined ? value : sql`case when ${given({ name, type })} is null then cast(${String(otherwise)} as ${sqlType(type)}) else ${value} end`
    return sql`${filled} as ${column(as ?? name)}`
  })
  const unknown = ingestionOf(contract).mode === 'schema_on_read' ? [sql`* exclude (${join([...contract.columns.map(({ name }) => name), ...LANDED].map(column))})`] : []
  return sql`select ${join([...columns, sql`${castFailures(contract)} as ${column(CAST_FAILED)}`, ...extra, ...unknown])} from ${table}`
}

const castFailures = ({ columns }: Contract): SqlFragment => failedCasts(columns.filter(({ type }) => type.toLowerCase() !== 'varchar').map(({ name, as, type }) => (
  { name: as ?? name, text: present(column(name)), value: typed(column(name), sqlType(type)) })))

/** A text and the value that was made of it. */
export interface Cast {
  readonly name: string
  readonly text: SqlFragment
  readonly value: SqlFragment
}

/** A JSON object of the texts of which no value could be made, by name; NULL where there is none. They are gathered only where there is one. */
export function failedCasts(casts: readonly Cast[]): SqlFragment {
  if (casts.length === 0) return sql`cast(null as varchar)`
  const failed = ({ text, value }: Cast) => sql`(${text} is not null and ${value} is null)`
  const lost = (cast: Cast) => sql`case when ${failed(cast)} then ${cast.text} end`
  const some = join(casts.map(failed), ' or ')
  return inDialects(sql`
    case when ${some}
      then to_json(map_from_entries(list_filter([${join(casts.map(cast => sql`struct_pack(k := ${cast.name}, v := ${lost(cast)})`))}], entry -> entry.v is not null)))::varchar
    end`, {
    spark: sql`case when ${some} then to_json(map_filter(map(${join(casts.flatMap(cast => [sql`${cast.name}`, lost(cast)]))}), (name, text) -> text is not null)) end`,
    trino: sql`case when ${some} then json_format(cast(map_filter(map(array[${join(casts.map(({ name }) => name))}], array[${join(casts.map(lost))}]), (name, text) -> text is not null) as json)) end`,
  })
}

const present = (text: { readonly column: string }): SqlFragment => sql`nullif(${trimmed(sql`${text}`)}, '')`

/** The text of a column where there is one: spaces around it are none, save in a text that stays one. */
export const given = ({ name, type }: Pick<ContractColumn, 'name' | 'type'>): SqlFragment => (type.toLowerCase() === 'varchar' ? sql`nullif(${column(name)}, '')` : present(column(name)))

/** The value of a column of text as a type; NULL where it can't be read as one. */
export function typed(name: { readonly column: string }, type: SqlTypeName): SqlFragment {
  const text = present(name)
  switch (type.sqlType.toLowerCase()) {
    case 'varchar': return sql`nullif(${name}, '')`
    case 'date': return sql`coalesce(${read(text, 'date')}, ${readAmerican(text, 'date')})`
    case 'timestamptz': return sql`coalesce(${read(text, 'timestamptz')}, ${readAmerican(text, 'timestamptz')})`
    // A cast alone rounds what is no whole number.
    case 'smallint':
    case 'integer':
    case 'bigint': return sql`case when ${read(text, 'double')} = ${read(text, type.sqlType)} then ${read(text, type.sqlType)} end`
    default: return read(text, type.sqlType)
  }
}
