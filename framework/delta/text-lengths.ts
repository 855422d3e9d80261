import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { BrokenRule, CannotWrite } from './delta-errors.ts'
import { isArray, isMap, isStruct, type DeltaType, type StructField, type StructType } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'

/** Where Spark keeps the type that a column was declared with, `char(3)` or `array<varchar(2)>`: in the schema all texts are `string`. */
const DECLARED_TYPE = '__CHAR_VARCHAR_TYPE_STRING'

/** The texts of a value that may have so many characters, wherever they are in it. */
type Lengths =
  | { readonly kind: 'char' | 'varchar'; readonly length: number }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, Lengths> }
  | { readonly kind: 'list'; readonly items: Lengths }
  | { readonly kind: 'map'; readonly keys: Lengths | undefined; readonly values: Lengths | undefined }

/** SQL of a column's value as Spark reads it: texts of `char(n)` are filled up with blanks wherever they are in it. Files and the log may hold them without. */
export function filledUp(expression: string, field: StructField): string {
  const lengths = lengthsOf(field)
  return lengths && lengths !== 'not understood' && holdsChar(lengths) ? filled(expression, lengths, 0) : expression
}

/** Whether the column's own texts are filled up. */
export function isChar(field: StructField): boolean {
  const lengths = lengthsOf(field)
  return typeof lengths === 'object' && lengths.kind === 'char'
}

/** Holds new files against the lengths of their texts. @throws {BrokenRule} naming the column and what it was declared as */
export async function checkLengths(connection: Connection, table: Snapshot, fresh: readonly AddFile[]): Promise<void> {
  const rules = table.schema.fields.flatMap(field => {
    const lengths = lengthsOf(field)
    if (lengths === 'not understood') throw new CannotWrite(`${table.root} has a column whose type cannot be understood: ${field.name} (${String(declaredType(field))}).`, 'Write it with Spark, or give the column another type.')
    return lengths ? [{ field, sql: fits(quoteIdentifier(field.name), lengths, 0) }] : []
  })
  if (rules.length === 0 || fresh.length === 0) return
  const counts = rules.map(({ sql }, i) => `count(*) filter (where not ${sql}) as longer_${i}`)
  const [row] = await connection.rows<Record<string, bigint>>(`select ${counts.join(', ')} from (${await table.scanSql({ files: fresh, columns: rules.map(({ field }) => field.name) })})`)
  rules.forEach(({ field }, i) => {
    const longer = Number(row![`longer_${i}`])
    if (longer > 0) throw new BrokenRule(table.root, `${field.name} is of type ${String(declaredType(field))}, and no text may be longer`, longer)
  })
}

const declaredType = ({ metadata }: StructField): unknown => metadata?.[DECLARED_TYPE]

function lengthsOf(field: StructField): Lengths | 'not understood' | undefined {
  const declared = declaredType(field)
  if (typeof declared !== 'string') return undefined
  const read = new DeclaredType(declared)
  const lengths = read.lengths(field.type)
  return read.isAtEnd ? lengths : 'not understood'
}

function holdsChar(lengths: Lengths): boolean {
  switch (lengths.kind) {
    case 'char': return true
    case 'varchar': return false
    case 'list': return holdsChar(lengths.items)
    case 'map': return [lengths.keys, lengths.values].some(part => part !== undefined && holdsChar(part))
    case 'struct': return [...lengths.fields.values()].some(holdsChar)
  }
}

/** Reads a type as Spark writes it, along the type that the schema has: names of fields stand in it without quotes, whatever letters they have. */
class DeclaredType {
  #rest: string

  constructor(text: string) {
    this.#rest = text
  }

  get isAtEnd(): boolean {
    return this.#rest === ''
  }

  lengths(type: DeltaType): Lengths | undefined {
    if (isArray(type)) {
      const items = this.#take(/^array</i) === undefined ? undefined : this.lengths(type.elementType)
      return this.#take(/^>/) && items ? { kind: 'list', items } : undefined
    }
    if (isMap(type)) {
      const keys = this.#take(/^map</i) === undefined ? undefined : this.lengths(type.keyType)
      const values = this.#take(/^,/) === undefined ? undefined : this.lengths(type.valueType)
      return this.#take(/^>/) && (keys || values) ? { kind: 'map', keys, values } : undefined
    }
    if (isStruct(type)) return this.#struct(type)
    const length = this.#take(/^(?:var)?char\(\d+\)/i) ?? this.#take(/^[a-z_]+(?:\([\d,]+\))?(?: collate \w+)?/i)
    const parts = /^(char|varchar)\((\d+)\)$/i.exec(length ?? '')
    return parts && type.toString().startsWith('string') ? { kind: parts[1]!.toLowerCase() as 'char' | 'varchar', length: Number(parts[2]) } : undefined
  }

  #struct({ fields }: StructType): Lengths | undefined {
    if (this.#take(/^struct</i) === undefined) return undefined
    const found = new Map<string, Lengths>()
    const byLength = fields.toSorted((a, b) => b.name.length - a.name.length)
    while (this.#take(/^>/) === undefined) {
      const field = byLength.find(({ name }) => [`${name}:`, `\`${name.replaceAll('`', '``')}\`:`].some(start => this.#rest.startsWith(start)))
      if (!field) return undefined
      this.#rest = this.#rest.slice(this.#rest.startsWith(field.name) ? field.name.length + 1 : field.name.replaceAll('`', '``').length + 3)
      const inner = this.lengths(field.type)
      if (inner) found.set(field.name, inner)
      if (this.#take(/^,/) === undefined && !this.#rest.startsWith('>')) return undefined
    }
    return found.size === 0 ? undefined : { kind: 'struct', fields: found }
  }

  #take(start: RegExp): string | undefined {
    const found = start.exec(this.#rest)?.[0]
    if (found !== undefined) this.#rest = this.#rest.slice(found.length)
    return found
  }
}

function filled(value: string, lengths: Lengths, depth: number): string {
  const item = `e${depth}`
  if (!holdsChar(lengths)) return value
  switch (lengths.kind) {
    case 'char': return `case when length(${value}) < ${lengths.length} then rpad(${value}, ${lengths.length}, ' ') else ${value} end`
    case 'varchar': return value
    case 'list': return `list_transform(${value}, lambda ${item}: ${filled(item, lengths.items, depth + 1)})`
    case 'map': {
      const [keys, values] = ([['key', lengths.keys], ['value', lengths.values]] as const).map(([name, part]) => (part ? filled(`${item}.${name}`, part, depth + 1) : `${item}.${name}`))
      return `map_from_entries(list_transform(map_entries(${value}), lambda ${item}: {'key': ${keys}, 'value': ${values}}))`
    }
    case 'struct': {
      const parts = [...lengths.fields].filter(([, part]) => holdsChar(part)).map(([name, part]) => `${quoteIdentifier(name)} := ${filled(`struct_extract(${value}, ${quoteLiteral(name)})`, part, depth + 1)}`)
      return `case when ${value} is null then null else struct_update(${value}, ${parts.join(', ')}) end`
    }
  }
}

/** A condition that is never NULL. */
function fits(value: string, lengths: Lengths, depth: number): string {
  const item = `e${depth}`
  const all = (list: string, part: Lengths) => `coalesce(len(list_filter(${list}, lambda ${item}: not ${fits(item, part, depth + 1)})) = 0, true)`
  switch (lengths.kind) {
    case 'char':
    case 'varchar': return `coalesce(length(${value}) <= ${lengths.length}, true)`
    case 'list': return all(value, lengths.items)
    case 'map': return `(${[lengths.keys && all(`map_keys(${value})`, lengths.keys), lengths.values && all(`map_values(${value})`, lengths.values)].filter(Boolean).join(' and ')})`
    case 'struct': return `(${[...lengths.fields].map(([name, part]) => fits(`struct_extract(${value}, ${quoteLiteral(name)})`, part, depth + 1)).join(' and ')})`
  }
}
