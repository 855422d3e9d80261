import type { Connection } from '../duckdb/connection.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { duckdbType } from './schema.ts'
import type { StructType } from './schema-types.ts'

/**
 * What a table holds, as a value: equal rows give the equal hash, whatever their order and file layout. `sum` is the sum, modulo 2^128, of
 * DuckDB's `hash()` of each row's columns in the schema's order; so what comes can be added and what goes subtracted.
 */
export interface ContentHash {
  /** The function that gives a row its 64 bits. Default: DuckDB's. */
  readonly by?: string | undefined
  readonly schema: string
  readonly rows: number
  readonly sum: bigint
}

/** Names the hash function: `hash()` of the DuckDB version that the package pins. Another one gets another name. */
const FUNCTION = 'dh1'
const MODULUS = 1n << 128n

/** The hash of a relation's rows, which must have the schema's columns. Costs one scan. */
export async function contentHash(connection: Connection, relation: string, schema: StructType, signal?: AbortSignal): Promise<ContentHash> {
  const [row] = await connection.rows<{ n: bigint; s: bigint | null }>(`select count(*) as n, sum(${rowHash(schema)}::hugeint) as s from (${relation}) as q`, { signal })
  return { schema: schemaDigest(schema), rows: Number(row!.n), sum: row!.s ?? 0n }
}

/** The hash of a relation's rows, and of the rows cut down to some columns, for each of the lists. One scan gives all. */
export async function contentHashes(connection: Connection, relation: string, schema: StructType, lists: readonly (readonly string[])[], signal?: AbortSignal): Promise<{ readonly whole: ContentHash; readonly cut: readonly ContentHash[] }> {
  const schemas = [schema, ...lists.map(names => cutTo(schema, names))]
  const sums = schemas.map((each, i) => `sum(${rowHash(each)}::hugeint) as s${i}`)
  const [row] = await connection.rows<Record<string, bigint | null>>(`select count(*) as n, ${sums.join(', ')} from (${relation}) as q`, { signal })
  const [whole, ...cut] = schemas.map((each, i) => ({ schema: schemaDigest(each), rows: Number(row!['n']), sum: row![`s${i}`] ?? 0n }))
  return { whole: whole!, cut }
}

/** The schema without all other columns, in the schema's order. */
const cutTo = (schema: StructType, names: readonly string[]): StructType => ({ type: 'struct', fields: schema.fields.filter(({ name }) => names.includes(name)) })

/** SQL of one row's hash, a UBIGINT. Each column is cast to the table's type, so that equal values of other types count as equal. */
export const rowHash = (schema: StructType, alias = 'q'): string => valuesHash(schema, name => `${quoteIdentifier(alias)}.${quoteIdentifier(name)}`)

/** {@link rowHash} of values that stand nowhere as a row. @param value SQL of a column's value */
export function valuesHash(schema: StructType, value: (column: string) => string): string {
  return `hash(${schema.fields.map(({ name, type }) => `${value(name)}::${duckdbType(type)}`).join(', ') || '0'})`
}

export const noContent = (schema: StructType): ContentHash => ({ schema: schemaDigest(schema), rows: 0, sum: 0n })

/** @throws where the hashes are of different schemas: then rows cannot be compared, and the table is hashed anew */
export function addContent(a: ContentHash, b: ContentHash): ContentHash {
  if (!isComparable(a, b)) throw new Error('Content hashes of different schemas or functions cannot be added')
  return { by: a.by, schema: a.schema, rows: a.rows + b.rows, sum: (a.sum + b.sum) % MODULUS }
}

export function subtractContent(a: ContentHash, b: ContentHash): ContentHash {
  if (!isComparable(a, b)) throw new Error('Content hashes of different schemas or functions cannot be subtracted')
  return { by: a.by, schema: a.schema, rows: a.rows - b.rows, sum: (a.sum - b.sum + MODULUS) % MODULUS }
}

/** As in `dh1:9f86d081:1000:00000000000000c0ffee...`. */
export const contentHashText = ({ by = FUNCTION, schema, rows, sum }: ContentHash): string => `${by}:${schema}:${rows}:${sum.toString(16).padStart(32, '0')}`

/** @returns undefined where the text is of another hash function, or no content hash at all */
export function contentHashOf(text: string, by: string = FUNCTION): ContentHash | undefined {
  const parts = /^([a-z]+\d+):([0-9a-f]{8}):(\d+):([0-9a-f]{32})$/.exec(text)
  return parts?.[1] === by ? { ...(by !== FUNCTION && { by }), schema: parts[2]!, rows: Number(parts[3]), sum: BigInt(`0x${parts[4]}`) } : undefined
}

const isComparable = (a: ContentHash, b: ContentHash): boolean => a.schema === b.schema && (a.by ?? FUNCTION) === (b.by ?? FUNCTION)

/** Whether both tell of the same rows. */
export const isSameContent = (a: ContentHash, b: ContentHash): boolean => isComparable(a, b) && a.rows === b.rows && a.sum === b.sum

/** Names and types only: whether a column may be NULL, or how it is found in files, is not content. */
export const schemaDigest = (schema: StructType): string => fingerprint(...schema.fields.flatMap(({ name, type }) => [name, duckdbType(type)])).slice(0, 8)
