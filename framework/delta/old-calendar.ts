import type { Database } from '../duckdb/database.ts'
import { exactPath } from '../duckdb/exact-path.ts'
import type { AddFile } from './actions.ts'
import { isArray, isMap, isStruct, physicalName, type DeltaType, type StructField } from './schema-types.ts'
import { statsOf, type StatValue } from './summaries.ts'
import { resolvePath } from './table-paths.ts'
import type { TableView } from './table-view.ts'
import { TYPE_CHANGES } from './type-widening.ts'

/** What a file holds of the calendar in which 1582-10-15 follows 1582-10-04: Spark wrote in it before its version 3, and where it is told to. */
export interface OldCalendar {
  readonly days: boolean
  readonly instants: boolean
  /** In which the clock was read that the instants were made of. Versions before 3.1 do not say. */
  readonly zone: string | undefined
}

/**
 * Of each file whether days and instants in it are of the old calendar, so far as these columns are concerned; undefined where none is. A footer is looked
 * at only where statistics do not prove that all in the file is later. The files must be on this machine.
 */
export async function oldCalendars(table: TableView, fields: readonly StructField[], files: readonly AddFile[]): Promise<readonly (OldCalendar | undefined)[]> {
  const concerned = fields.filter(({ type }) => holdsTime(type))
  if (concerned.length === 0) return files.map(() => undefined)
  const known = looked.get(table.database) ?? new Map<string, OldCalendar | undefined>()
  looked.set(table.database, known)
  const keyOf = (file: AddFile) => `${resolvePath(table.root, file.path)}\0${file.size}`
  const early = files.map(file => mayBeEarly(table, concerned, file))
  const unknown = files.filter((file, i) => early[i] && !known.has(keyOf(file)))
  const told = await footersOf(table.database, [...new Set(unknown.map(file => resolvePath(table.root, file.path)))])
  for (const file of unknown) known.set(keyOf(file), told.get(resolvePath(table.root, file.path)))
  const answer = files.map((file, i) => (early[i] ? known.get(keyOf(file)) : undefined))
  if (known.size > MOST_KNOWN) known.clear()
  return answer
}

/** SQL of a value as it is read from a file, in the calendar of today. Instants of another zone than UTC fail, where one is so early that zones differ from what they were. */
export function inTodaysCalendar(expression: string, field: StructField, { days, instants, zone }: OldCalendar, table: TableView): string {
  const refusal = (what: string) => `error('${`Column ${field.name} of ${table.root} has ${what}: Spark wrote it in its older calendar, from which it cannot be carried over here. Have Spark write the table anew with spark.sql.parquet.datetimeRebaseModeInWrite and int96RebaseModeInWrite set to CORRECTED.`.replaceAll("'", "''")}')`
  const value = (text: string, type: DeltaType, metadata: StructField['metadata'], depth: number): string => {
    if (!holdsTime(type)) return text
    if (type === 'date') return days ? shifted(text, day => `(date '1970-01-01' + (${day}))`, shift => `${text} + (${shift})`, refusal('a day before the year 1')) : text
    if (type === 'timestamp') {
      if (!instants) return text
      if (zone !== undefined && UTC.test(zone)) return shifted(text, day => `make_timestamptz(${day}::bigint * 86400000000)`, shift => `${text} + to_hours(24 * (${shift}))`, refusal('an instant before the year 1'))
      return `case when ${text} is null or ${text} >= timestamptz '1900-01-01 00:00:00+00' then ${text} else ${refusal(`an instant before 1900, ${zone === undefined ? 'and the file does not say in which time zone' : `in the time zone ${zone}`}`)} end`
    }
    // Where the column once held days, the file may hold them still, and what stands there is of either calendar.
    if (type === 'timestamp_ntz') return days && TYPE_CHANGES in (metadata ?? {}) ? `case when ${text} is null or ${text} >= timestamp '1582-10-15' then ${text} else ${refusal('a day before 1582-10-15 that became a time')} end` : text
    const item = `y${depth}`
    if (isArray(type)) return `list_transform(${text}, lambda ${item}: ${value(item, type.elementType, metadata, depth + 1)})`
    if (isMap(type)) return `map_from_entries(list_transform(map_entries(${text}), lambda ${item}: {'key': ${value(`${item}.key`, type.keyType, metadata, depth + 1)}, 'value': ${value(`${item}.value`, type.valueType, metadata, depth + 1)}}))`
    if (!isStruct(type)) return text
    const parts = type.fields.map(inner => {
      const name = physicalName(inner, table.mapping).replaceAll("'", "''")
      return `'${name}': ${value(`struct_extract(${text}, '${name}')`, inner.type, { ...metadata, ...inner.metadata }, depth + 1)}`
    })
    return `case when ${text} is null then null else {${parts.join(', ')}} end`
  }
  return value(expression, field.type, field.metadata, 0)
}

/** Days since 1970 from which on a day of the old calendar lies so many days off the one of the same name in today's: from the year 1, century by century, to 1582-10-15. */
const SHIFTS: readonly (readonly [from: number, shift: number])[] = [
  [-719164, 2], [-682945, 1], [-646420, 0], [-609895, -1], [-536845, -2], [-500320, -3], [-463795, -4], [-390745, -5], [-354220, -6], [-317695, -7], [-244645, -8], [-208120, -9], [-171595, -10],
]
const TODAYS = -141427

function shifted(text: string, at: (day: number) => string, by: (shift: number) => string, otherwise: string): string {
  const cases = SHIFTS.toReversed().map(([from, shift]) => `when ${text} >= ${at(from)} then ${by(shift)}`)
  return `case when ${text} is null or ${text} >= ${at(TODAYS)} then ${text} ${cases.join(' ')} else ${otherwise} end`
}

const UTC = /^(?:(?:Etc\/)?(?:UTC|UCT|GMT|Universal|Zulu|Greenwich)|Z|[+-]00:00|(?:UTC|GMT)[+-]0?0:?00)$/

const holdsTime = (type: DeltaType): boolean => {
  if (isStruct(type)) return type.fields.some(field => holdsTime(field.type))
  if (isArray(type)) return holdsTime(type.elementType)
  if (isMap(type)) return holdsTime(type.keyType) || holdsTime(type.valueType)
  return type === 'date' || type === 'timestamp' || type === 'timestamp_ntz'
}

function mayBeEarly(table: TableView, fields: readonly StructField[], file: AddFile): boolean {
  if (fields.every(field => isLateByText(table, field, file.stats))) return false
  const { numRecords, minValues, nullCount } = statsOf(file)
  const early = ({ type, ...field }: StructField, mins: StatValue | undefined, nulls: StatValue | undefined): boolean => {
    if (!holdsTime(type)) return false
    const inside = (values: StatValue | undefined) => (typeof values === 'object' ? values?.[physicalName({ type, ...field }, table.mapping)] : undefined)
    const [least, none] = [inside(mins), inside(nulls)]
    if (isStruct(type)) return type.fields.some(inner => early(inner, least, none))
    if (numRecords !== undefined && none === numRecords) return false
    return typeof least !== 'string' || least < (type === 'timestamp' ? SAFE_INSTANT : SAFE_DAY)
  }
  return fields.some(field => early(field, minValues, nullCount))
}

/** Proves the usual case without parsing, which of a hundred thousand files takes most of a second. Where there are structs, a name may be that of a field inside one. */
function isLateByText({ schema, mapping }: TableView, field: StructField, stats = ''): boolean {
  if (schema.fields.some(({ type }) => isStruct(type))) return false
  const from = stats.indexOf('"minValues":{')
  const key = `${JSON.stringify(physicalName(field, mapping))}:"`
  const at = stats.indexOf(key, from)
  return from >= 0 && at >= 0 && at < stats.indexOf('}', from) && stats.slice(at + key.length, at + key.length + 10) >= (field.type === 'timestamp' ? SAFE_INSTANT : SAFE_DAY)
}

/** As statistics begin. Instants may stand there in any zone, so a day more is asked. */
const SAFE_INSTANT = '1900-01-02'
const SAFE_DAY = '1582-10-15'

async function footersOf(database: Database, paths: readonly string[]): Promise<ReadonlyMap<string, OldCalendar>> {
  if (paths.length === 0) return new Map()
  const list = (of: readonly string[]) => `[${of.map(exactPath).join(', ')}]`
  return database.use(async connection => {
    const told = await connection.rows<{ file: string; key: string; value: string }>(`select file_name as file, decode(key) as key, decode(value) as value from parquet_kv_metadata(${list(paths)}) where key in (${KEYS.map(key => `'${key}'::blob`).join(', ')})`)
    const footers = new Map<string, Map<string, string>>()
    for (const { file, key, value } of told) footers.set(file, (footers.get(file) ?? new Map<string, string>()).set(key, value))
    // Who wrote no version is not Spark, or tells nothing of its calendar: Spark reads such files as they are.
    const old = [...footers].flatMap(([file, keys]) => {
      const version = keys.get(VERSION)
      if (version === undefined) return []
      const [plain, ancient] = [version < '3.0.0' || keys.has(DATETIME), version < '3.1.0' || keys.has(INT96)]
      return plain || ancient ? [{ file, plain, ancient, zone: keys.get(ZONE) }] : []
    })
    const mixed = old.filter(({ plain, ancient }) => plain !== ancient).map(({ file }) => file)
    const ancientKind = new Set(mixed.length === 0 ? [] : (await connection.rows<{ file: string }>(`select distinct file_name as file from parquet_schema(${list(mixed)}) where type = 'INT96'`)).map(({ file }) => file))
    return new Map(old.map(({ file, plain, ancient, zone }) => [file, { days: plain, instants: plain === ancient ? plain : ancientKind.has(file) ? ancient : plain, zone }]))
  })
}

const VERSION = 'org.apache.spark.version'
const DATETIME = 'org.apache.spark.legacyDateTime'
const INT96 = 'org.apache.spark.legacyINT96'
const ZONE = 'org.apache.spark.timeZone'
const KEYS = [VERSION, DATETIME, INT96, ZONE]

/** A data file never changes, so that a look at its footer is enough once. */
const looked = new WeakMap<Database, Map<string, OldCalendar | undefined>>()
const MOST_KNOWN = 100_000
