import { rm } from 'node:fs/promises'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { ASIDE_ONLY, brokenBy, CAST_FAILED } from '../definition/row-rules.ts'
import type { DescribedColumn } from '../duckdb/connection.ts'
import type { EngineSession, WriteJob, Written } from '../engines/engine.ts'
import { quoteIdentifier, quoteLiteral, sqlText } from '../vocabulary/sql.ts'
import type { Candidate } from './candidate.ts'
import { relationOf } from './written.ts'

/** A promise that takes rows out, as SQL. */
export interface RowRule {
  /** The promise, which is its name. Of a cast that failed each column is a rule. */
  readonly name: string
  readonly how: 'quarantine' | 'drop'
  readonly broken: string
  readonly casts: boolean
}

/** How many rows broke a rule, of how many. */
export interface Rejection {
  readonly rule: RowRule
  readonly rows: number
  readonly of: number
}

export interface Sifted {
  /** The rows that go on. */
  readonly accepted: Written
  readonly rejected: number
  readonly rejections: readonly Rejection[]
  /** The rows that are kept aside, in files of their own. */
  readonly aside?: Written | undefined
}

/** By promise. */
export const rejectionsOf = ({ rejections }: Pick<Sifted, 'rejections'>): NonNullable<Candidate['rejections']> => new Map(rejections.map(({ rule, rows, of }) => [rule.name, { how: rule.how, rows, of }]))

export const rowRulesOf = ({ checks }: AssetDefinition, now: Date): RowRule[] => checks.flatMap(check =>
  (check.rejects === undefined ? [] : [{ name: check.name, how: check.rejects, broken: sqlText(brokenBy(check, now)!, quoteIdentifier), casts: check.rule.kind === 'castable' }]))

/** By this name the rules find the rows that were made. */
const MADE = 'varve made'

/**
 * Parts the rows that were written into those that go on and those that are kept aside. Where no rule is broken, which costs one look at
 * the columns concerned, the files stay as they are.
 */
export async function sift(session: EngineSession, written: Written, rules: readonly RowRule[], { accepted, aside }: { readonly accepted: WriteJob; readonly aside: string }): Promise<Sifted> {
  const kept = { ...written, columns: rules.some(({ casts }) => casts) ? written.columns.filter(({ name }) => !ASIDE_ONLY.includes(name)) : written.columns }
  const of = written.rows
  if (rules.length === 0 || of === 0) return { accepted: kept, rejected: 0, rejections: rules.map(rule => ({ rule, rows: 0, of })) }
  await session.add({ name: MADE, relation: relationOf(written) })
  const made = `${quoteIdentifier(MADE)} as made`
  const broken = rules.map(rule => `(${rule.broken})`)
  const rejected = await session.count(`select 1 from ${made} where ${broken.join(' or ')}`)
  if (rejected === 0) return { accepted: kept, rejected, rejections: rules.map(rule => ({ rule, rows: 0, of })) }
  const rejections: Rejection[] = []
  for (const rule of rules) rejections.push({ rule, rows: await session.count(`select 1 from ${made} where ${rule.broken}`), of })
  const keep = rules.flatMap(({ how }, i) => (how === 'quarantine' ? [broken[i]!] : []))
  const names = kept.columns.map(({ name }) => quoteIdentifier(name)).join(', ')
  try {
    const set = keep.length === 0 ? undefined : await session.writeQuery(asideQuery(made, rules, keep, written.columns), { folder: aside, partitionBy: [] })
    return { accepted: await session.writeQuery(`select ${names} from ${made} where (${broken.join(' or ')}) is not true`, accepted), rejected, rejections, aside: set }
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    throw error
  }
}

/** The rows that are kept: which rules they broke, where they came from, and all that they held. Rows that equal each other are told apart by a number. */
function asideQuery(made: string, rules: readonly RowRule[], keep: readonly string[], columns: readonly DescribedColumn[]): string {
  const has = (name: string) => columns.some(column => column.name === name)
  const plain = rules.filter(({ casts }) => !casts).map(({ name, broken }) => `case when ${broken} then ${quoteLiteral(name)} end`)
  const casts = has(CAST_FAILED) && rules.some(rule => rule.casts) ? [`coalesce(list_transform(json_keys(${quoteIdentifier(CAST_FAILED)}), name -> 'cast_failed:' || name), [])`] : []
  return `
    with aside as (
      select
        list_concat(list_filter([${plain.join(', ') || 'null::varchar'}], name -> name is not null), ${casts[0] ?? '[]::varchar[]'}) as rules,
        json_object(${columns.map(column => `${quoteLiteral(column.name)}, ${jsonValue(column)}`).join(', ')})::varchar as row,
        ${has('_source_file') ? '_source_file::varchar' : 'null::varchar'} as source_file,
        ${has('_source_row') ? '_source_row::bigint' : 'null::bigint'} as source_row
      from ${made}
      where ${keep.join(' or ')}
    )
    select md5(row || '#' || row_number() over (partition by row)) as id, * from aside`
}

/** A value as JSON that can be read back exactly: JSON has no NaN, and no decimals that every reader keeps. */
function jsonValue({ name, type }: DescribedColumn): string {
  const column = quoteIdentifier(name)
  if (/^(DOUBLE|FLOAT)$/.test(type)) return `case when isfinite(${column}) then to_json(${column}) else to_json(${column}::varchar) end`
  if (/^(DECIMAL|HUGEINT|UHUGEINT|UBIGINT)/.test(type)) return `${column}::varchar`
  return type === 'BLOB' ? `base64(${column})` : column
}

/** The value of a column, out of what {@link jsonValue} made of it. */
export function valueOfJson(row: string, { name, type }: DescribedColumn): string {
  const path = quoteLiteral(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  const nested = /[[(]/.test(type) && !type.startsWith('DECIMAL')
  if (nested) return `json_extract(${row}, ${path})::${type}`
  return type === 'BLOB' ? `from_base64(json_extract_string(${row}, ${path}))` : `json_extract_string(${row}, ${path})::${type}`
}
