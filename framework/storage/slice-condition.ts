import type { SliceFilter, TimeFilter } from '../partitions/slice-filter.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'

/** How a dialect says the types of which conditions are made. */
interface Words {
  readonly text: string
  readonly instant: string
  readonly clock: string
}

const DUCKDB: Words = { text: 'varchar', instant: 'timestamptz', clock: 'timestamp' }
/** Where double quotes are around names, and instants are told in UTC. */
export const SPARK: Words = { text: 'string', instant: 'timestamp', clock: 'timestamp_ntz' }

/** The condition under which a row belongs to slices. `typeOf` gives a column's type in DuckDB's words. */
export function sliceCondition(filter: SliceFilter, typeOf: (column: string) => string, words = DUCKDB): string {
  switch (filter.type) {
    case 'none': return 'false'
    case 'and': return filter.of.map(part => `(${sliceCondition(part, typeOf, words)})`).join(' and ')
    case 'or': return filter.of.map(part => `(${sliceCondition(part, typeOf, words)})`).join(' or ')
    case 'in': return filter.values.length === 0 ? 'false' : `cast(${quoteIdentifier(filter.column)} as ${words.text}) in (${filter.values.map(value => quoteLiteral(value)).join(', ')})`
    case 'range': {
      const [from, to] = bounds(filter, typeOf(filter.column), words)
      return `${quoteIdentifier(filter.column)} >= ${from} and ${quoteIdentifier(filter.column)} < ${to}`
    }
  }
}

/** Instants for columns that hold instants, the clocks of the place for dates and for timestamps without a zone. */
function bounds({ from, to, fromClock, toClock }: TimeFilter, type: string, { instant, clock }: Words): readonly [string, string] {
  const plain = type.toUpperCase()
  if (plain.startsWith('TIMESTAMP WITH TIME ZONE') || plain === 'TIMESTAMPTZ') return [`${instant} ${quoteLiteral(from)}`, `${instant} ${quoteLiteral(to)}`]
  if (plain === 'DATE') return [`date ${quoteLiteral(fromClock.slice(0, 10))}`, `date ${quoteLiteral(toClock.slice(0, 10))}`]
  if (plain.startsWith('TIMESTAMP')) return [`${clock} ${quoteLiteral(fromClock)}`, `${clock} ${quoteLiteral(toClock)}`]
  // Text sorts as time does where it is written as ISO has it.
  return [quoteLiteral(fromClock.slice(0, 10)), quoteLiteral(toClock.slice(0, 10))]
}

/** The columns that a filter looks at. */
export function columnsOfFilter(filter: SliceFilter): readonly string[] {
  switch (filter.type) {
    case 'none': return []
    case 'and':
    case 'or': return [...new Set(filter.of.flatMap(columnsOfFilter))]
    case 'in':
    case 'range': return [filter.column]
  }
}
