import { resolve } from 'node:path'
import { typed } from '../definition/contract.ts'
import type { Connection } from '../duckdb/connection.ts'
import { Database } from '../duckdb/database.ts'
import { fileColumns } from '../storage/file-columns.ts'
import { fileReader } from '../storage/landed-rows.ts'
import { MalformedFile } from '../storage/landing-errors.ts'
import { localFile } from '../storage/local-file.ts'
import { inspectFile } from '../storage/source-inspection.ts'
import { column, quoteIdentifier, sqlText, sqlType } from '../vocabulary/sql.ts'

/** A contract as it stands in its file. */
export interface DraftedContract {
  readonly title: string
  readonly description: string
  readonly name: string
  readonly version: string
  readonly source: string
  readonly table: string
  readonly primaryKey: readonly string[]
  readonly columns: readonly { readonly name: string; readonly as?: string; readonly type: string; readonly required: boolean; readonly tags?: readonly string[] }[]
}

export interface DraftOptions {
  readonly source?: string | undefined
  readonly table?: string | undefined
  /** The key's columns, by their names in the file or in our table. Default: what looks like one and names each row. */
  readonly key?: readonly string[] | undefined
}

interface Facts {
  readonly rows: number
  readonly values: number
  readonly distinct: number
  readonly boolean: boolean | null
  readonly integer: boolean | null
  readonly decimal: boolean | null
  readonly double: boolean | null
  readonly date: boolean | null
  readonly instant: boolean | null
  readonly whole: number | null
  readonly scale: number | null
}

/**
 * Drafts the contract of a file from all that is in it: every value can be read as its column's type. Only the key is required; a person
 * decides what else a file must not come without.
 */
export async function draftContract(path: string, { source, table, key }: DraftOptions): Promise<DraftedContract> {
  const file = await localFile(resolve(path))
  const { head, keys, longest, malformed } = await inspectFile(file)
  if (malformed) throw new MalformedFile(file.location, malformed.text, malformed.line)
  const names = keys.length > 0 ? keys : fileColumns(file.location, file.format, head)
  const relation = fileReader(file.location, { format: file.format, columns: names, longest })
  const database = await Database.open()
  const { facts, pairs } = await database.use(async connection => {
    const found = await factsOf(connection, relation, names)
    return { facts: found, pairs: key || found.some(isUnique) ? [] : await jointKey(connection, relation, names, found) }
  }).finally(() => database.close())
  const [, first, rest] = /^([a-z0-9]*)_?(.*)$/.exec(snakeCase(file.name.replace(/\..*$/, '')))!
  const [inSource, inTable] = [source ?? (/^[a-z]/.test(first!) ? first! : 'source'), table ?? (/^[a-z]/.test(rest!) ? rest! : first || 'table')]
  const ours = distinctNames(names)
  const wanted = key ?? (pairs.length > 0 ? pairs : keyOf(names, ours, facts, inTable))
  const isKey = (i: number) => wanted.includes(names[i]!) || wanted.includes(ours[i]!)
  return {
    title: `${inSource} ${inTable.replaceAll('_', ' ')}`,
    description: `Drafted from ${file.name}. Say here what one row is.`,
    name: `${inSource}_${inTable}_bronze`,
    version: '1.0.0', source: inSource, table: inTable,
    primaryKey: ours.filter((_, i) => isKey(i)),
    columns: names.map((name, i) => ({ name, ...(ours[i] !== name && { as: ours[i]! }), type: typeOf(facts[i]!), required: isKey(i), ...tagsOf(ours[i]!) })),
  }
}

async function factsOf(connection: Connection, relation: string, names: readonly string[]): Promise<readonly Facts[]> {
  const facts: Facts[] = []
  // A few columns at a time: a wide file would make one query of thousands of expressions.
  for (let at = 0; at < names.length; at += 40) {
    const some = names.slice(at, at + 40)
    const [row] = await connection.json<Record<string, Facts>>(`select ${some.map((name, i) => `${measured(name)} as c${i}`).join(', ')} from ${relation}`)
    facts.push(...some.map((_, i) => row![`c${i}`]!))
  }
  return facts
}

/** Two or three of the first columns that name each row together; none where there are none. */
async function jointKey(connection: Connection, relation: string, names: readonly string[], facts: readonly Facts[]): Promise<readonly string[]> {
  const candidates = names.filter((_, i) => facts[i]!.rows > 0 && facts[i]!.values === facts[i]!.rows && facts[i]!.distinct > 1 && !facts[i]!.double).slice(0, 6)
  const sets = candidates.flatMap((a, i) => candidates.slice(i + 1).map(b => [a, b]))
  for (const set of [...sets, ...sets.flatMap(([a, b]) => candidates.slice(candidates.indexOf(b!) + 1).map(c => [a!, b!, c]))]) {
    const [row] = await connection.json<{ unique: boolean }>(`select count(*) = count(distinct (${set.map(name => quoteIdentifier(name)).join(', ')})) as "unique" from ${relation}`)
    if (row!.unique) return set
  }
  return []
}

function measured(name: string): string {
  const text = `nullif(trim(${quoteIdentifier(name)}), '')`
  const reads = (type: string) => `${sqlText(typed(column(name), sqlType(type)), quoteIdentifier)} is not null`
  const all = (pattern: string, type: string) => `coalesce(bool_and(regexp_full_match(${text}, '${pattern}') and ${reads(type)}) filter (where ${text} is not null), false)`
  return `struct_pack(
    rows := count(*)::double, "values" := count(${text})::double, "distinct" := count(distinct ${text})::double,
    "boolean" := ${all('(?i)true|false', 'boolean')}, "integer" := ${all('[+-]?(0|[1-9][0-9]{0,17})', 'bigint')},
    "decimal" := ${all('[+-]?(0|[1-9][0-9]*)(\\.[0-9]+)?', 'double')}, "double" := ${all('[+-]?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?', 'double')},
    "date" := ${all('[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}', 'date')}, "instant" := ${all('.*[0-9]:[0-9].*|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}', 'timestamptz')},
    "whole" := max(length(regexp_extract(${text}, '^[+-]?([0-9]+)', 1)))::double, "scale" := max(length(regexp_extract(${text}, '\\.([0-9]+)$', 1)))::double)`
}

/** Nothing is lost by it: more digits behind the point than money has make a double. */
function typeOf({ values, boolean, integer, decimal, double, date, instant, whole, scale }: Facts): string {
  if (values === 0) return 'varchar'
  if (boolean) return 'boolean'
  if (integer) return 'bigint'
  if (decimal && scale! <= 8) {
    const behind = Math.max(2, scale!)
    if (whole! + behind <= 38) return `decimal(${Math.max(18, whole! + behind)},${behind})`
  }
  if (double) return 'double'
  if (date) return 'date'
  return instant ? 'timestamptz' : 'varchar'
}

const isUnique = ({ rows, values, distinct }: Facts): boolean => rows > 0 && values === rows && distinct === rows

/** The columns that name each row: one that is called so, else the first that does, else the first. */
function keyOf(names: readonly string[], ours: readonly string[], facts: readonly Facts[], table: string): string[] {
  const unique = names.filter((_, i) => isUnique(facts[i]!))
  const called = (name: string) => ours[names.indexOf(name)]!
  const singular = table.replace(/ies$/, 'y').replace(/s$/, '')
  const found = unique.find(name => [`${singular}_id`, 'id', `${table}_id`].includes(called(name))) ?? unique.find(name => /(^|_)(id|key|code|no)$/.test(called(name))) ?? unique[0] ?? names[0]!
  return [found]
}

function tagsOf(name: string): { readonly tags?: readonly string[] } {
  const kinds: readonly (readonly [RegExp, string])[] = [[/e_?mail/, 'pii:email'], [/phone|mobile|fax/, 'pii:phone'], [/^(first|last|full|middle|contact|customer)_?name$|surname/, 'pii:name'], [/street|address|postal|zip/, 'pii:address'], [/(^|_)ip(_|$)/, 'pii:ip']]
  const found = kinds.find(([pattern]) => pattern.test(name))
  return found && !/opted|_id$|verified/.test(name) ? { tags: [found[1]] } : {}
}

function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map(name => {
    const plain = snakeCase(name)
    let own = plain
    for (let n = 2; taken.has(own); n += 1) own = `${plain}_${n}`
    taken.add(own)
    return own
  })
}

function snakeCase(name: string): string {
  const small = name.trim().replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2').toLowerCase().normalize('NFKD').replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')
  return /^[a-z]/.test(small) ? small : `c_${small || 'column'}`
}
