import { quoteIdentifier } from '../vocabulary/sql.ts'
import { CannotWrite } from './delta-errors.ts'
import type { StructField, StructType } from './schema-types.ts'

/** A column that the table numbers: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#identity-columns */
export interface IdentityColumn {
  readonly name: string
  readonly start: number
  readonly step: number
  /** The last number that the table gave; undefined where it gave none yet. */
  readonly mark: number | undefined
  /** Rows may bring numbers of their own. */
  readonly byDefault: boolean
}

/** @returns undefined for a column of another kind @throws {CannotWrite} where its numbers are beyond what can be told exactly here */
export function identityOf({ name, metadata = {} }: StructField): IdentityColumn | undefined {
  if (!(START in metadata)) return undefined
  const [start, step, mark] = [metadata[START], metadata[STEP] ?? 1, metadata[MARK]].map(value => (value === undefined || value === null ? undefined : Number(value)))
  for (const number of [start, step, mark]) if (number !== undefined && !Number.isSafeInteger(number)) throw new CannotWrite(`The numbers of the identity column ${name} have more digits than can be kept exactly here.`, 'Write the table with Spark.')
  if (step === 0) throw new CannotWrite(`The identity column ${name} has a step of 0.`, 'Write the table with Spark.')
  return { name, start: start!, step: step!, mark, byDefault: String(metadata[EXPLICIT]) === 'true' }
}

export const identitiesOf = ({ fields }: StructType): IdentityColumn[] => fields.flatMap(field => identityOf(field) ?? [])

/** SQL that numbers the rows of a query, after those that were numbered before. */
export const nextNumbers = ({ start, step, mark }: IdentityColumn): string => `(${mark === undefined ? start - step : mark} + row_number() over () * ${step})`

/** The schema after so many rows were numbered. @throws {CannotWrite} where the numbers have more digits than can be kept exactly here */
export function numbered(schema: StructType, columns: readonly string[], rows: number): StructType {
  if (columns.length === 0 || rows === 0) return schema
  return withMarks(schema, field => {
    const identity = columns.includes(field.name) ? identityOf(field) : undefined
    if (!identity) return undefined
    const mark = (identity.mark ?? identity.start - identity.step) + identity.step * rows
    if (!Number.isSafeInteger(mark)) throw new CannotWrite(`The identity column ${field.name} has no numbers left that can be kept exactly here: the next would be ${mark}.`, 'Write the table with Spark.')
    return mark
  })
}

/** A schema of before, with what was numbered since: no number is given twice. */
export function withLaterMarks(schema: StructType, later: StructType): StructType {
  return withMarks(schema, field => {
    const [own, other] = [identityOf(field), identitiesOf(later).find(({ name }) => name === field.name)]
    if (!own || other?.mark === undefined || other.step !== own.step || other.start !== own.start) return undefined
    return own.mark === undefined || (other.mark - own.mark) * Math.sign(own.step) > 0 ? other.mark : undefined
  })
}

/** The schema as if nothing had been numbered: two that are equal then differ in that only. */
export const withoutMarks = (schema: StructType): StructType => ({ ...schema, fields: schema.fields.map(field => (MARK in (field.metadata ?? {}) ? { ...field, metadata: Object.fromEntries(Object.entries(field.metadata).filter(([key]) => key !== MARK)) } : field)) })

/**
 * What is true of every number in a column that is generated always: it is one of the column's, up to the last that was given.
 * @param since the last that was given before, where all rows are new ones
 */
export function identitySql({ name, start, step, mark }: IdentityColumn, since?: { readonly mark: number | undefined }): string {
  const column = quoteIdentifier(name)
  const [from, to] = [since?.mark === undefined ? start : since.mark + step, mark ?? start - step]
  return `${column} ${step > 0 ? `between ${from} and ${to}` : `between ${to} and ${from}`} and (${column}::hugeint - (${start})) % ${Math.abs(step)} = 0`
}

function withMarks(schema: StructType, markOf: (field: StructField) => number | undefined): StructType {
  let changed = false
  const fields = schema.fields.map(field => {
    const mark = markOf(field)
    if (mark === undefined) return field
    changed = true
    return { ...field, metadata: { ...field.metadata, [MARK]: mark } }
  })
  return changed ? { ...schema, fields } : schema
}

export const START = 'delta.identity.start'
const STEP = 'delta.identity.step'
const MARK = 'delta.identity.highWaterMark'
const EXPLICIT = 'delta.identity.allowExplicitInsert'
