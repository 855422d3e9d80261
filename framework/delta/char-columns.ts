import type { StructField } from './schema-types.ts'

/** The length to which texts of the column are filled up with blanks, where it is of Spark's `char(n)`. Files and the log may hold them without. */
export function charLength({ type, metadata }: StructField): number | undefined {
  const told = type === 'string' ? metadata?.['__CHAR_VARCHAR_TYPE_STRING'] : undefined
  const length = typeof told === 'string' ? /^char\((\d+)\)$/i.exec(told)?.[1] : undefined
  return length === undefined ? undefined : Number(length)
}

/** SQL of a column's text as Spark reads it. */
export function filledUp(expression: string, field: StructField): string {
  const length = charLength(field)
  return length === undefined ? expression : `case when length(${expression}) < ${length} then rpad(${expression}, ${length}, ' ') else ${expression} end`
}
