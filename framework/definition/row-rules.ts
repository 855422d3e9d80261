import { column, inDialects, join, sql, tablesIn, type SqlFragment, type SqlValue } from '../vocabulary/sql.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { CheckDefinition, CheckRule, OnFail } from './check-definition.ts'

/** The column in which a query hands on the texts that could not be cast, as a JSON object by column. It never reaches a table whose rows are held to `castable`. */
export const CAST_FAILED = '_cast_failed'

/** Where a row stood in the source: the name of its file, and which of the file's rows it is, counted from one. What is set aside is found there again. */
export const POSITION: SqlFragment = sql`_source_file, _source_row`

/** Columns that tell of a row how it came. A table whose rows are held to `castable` takes the row without them; what is set aside keeps them. */
export const ASIDE_ONLY: readonly string[] = [CAST_FAILED, '_source_file', '_source_row']

/** The condition under which a row by itself breaks the promise at a moment; undefined where it is no question about single rows. */
export function brokenBy({ rule, where }: Pick<CheckDefinition, 'rule' | 'where'>, now?: SqlValue): SqlFragment | undefined {
  const broken = brokenRule(rule, now)
  return broken && where ? sql`(${where}) and (${broken})` : broken
}

/** As {@link brokenBy}, whatever rows the promise is about. */
export function brokenRule(rule: CheckRule, now: SqlValue = sql`current_timestamp`): SqlFragment | undefined {
  switch (rule.kind) {
    case 'not-null':
      return sql`${column(rule.column)} is null`
    case 'one-of':
      return sql`${column(rule.column)} is not null and ${column(rule.column)} not in (${join(rule.values)})`
    case 'between':
      return join([outside(sql`${column(rule.column)}`, rule.min, rule.max), ...notANumber(rule)], ' or ')
    case 'matches': case 'masked':
      return sql`${column(rule.column)} is not null and not regexp_full_match(${column(rule.column)}, ${rule.pattern})`
    case 'length':
      return outside(sql`length(${column(rule.column)})`, rule.min, rule.max)
    case 'relationship': {
      const other = column(rule.toColumn)
      return sql`${column(rule.column)} is not null and ${column(rule.column)} not in (select parent.${other} from ${{ key: rule.to() }} as parent where parent.${other} is not null)`
    }
    case 'expression':
      return sql`(${rule.expression}) is not true`
    case 'recent':
      return sql`cast(${column(rule.column)} as timestamptz) < ${now} - to_days(${rule.days})`
    case 'castable':
      return sql`${column(CAST_FAILED)} is not null`
    case 'unique': case 'primary-key': case 'row-count': case 'method': case 'fresh': case 'monotonic': case 'sum-equals': case 'schema': case 'contract': case 'anomaly':
      return undefined
  }
}

/** Whether a row can break it by itself. */
export const isAboutRows = ({ kind }: CheckRule): boolean => ROW_RULES.has(kind)

/** Severity and fate of a promise by what its author says. @throws {NotAboutRows} */
export function fateOf(name: string, rule: CheckRule, onFail: OnFail | undefined, severity: CheckDefinition['severity'] | undefined): Pick<CheckDefinition, 'severity' | 'rejects'> {
  switch (onFail) {
    case undefined: return { severity: severity ?? 'error' }
    case 'fail': return { severity: 'error' }
    case 'warn': return { severity: 'warn' }
    case 'quarantine': case 'drop':
      if (!isAboutRows(rule)) throw new NotAboutRows(name, onFail)
      return { severity: 'warn', rejects: onFail }
  }
}

/** The other assets that decide which rows are rejected. */
export const rejectingReads = (checks: readonly CheckDefinition[]): AssetKey[] => [...new Set(checks.flatMap(check => (check.rejects === undefined ? [] : tablesIn(brokenBy(check)!))))]

const ROW_RULES: ReadonlySet<CheckRule['kind']> = new Set<CheckRule['kind']>(['not-null', 'one-of', 'between', 'matches', 'length', 'relationship', 'expression', 'recent', 'castable'])

function outside(value: SqlFragment, min: number | string | undefined, max: number | string | undefined): SqlFragment {
  const limits = [...(min === undefined ? [] : [sql`${value} < ${min}`]), ...(max === undefined ? [] : [sql`${value} > ${max}`])]
  return limits.length === 0 ? sql`false` : join(limits, ' or ')
}

/** DuckDB has NaN above all numbers: with no upper limit it would pass. */
const notANumber = ({ column: name, min, max }: Extract<CheckRule, { kind: 'between' }>): SqlFragment[] => (typeof min === 'number' && max === undefined ? [inDialects(sql`${column(name)} > ${Infinity}`, { spark: sql`${column(name)} > cast('Infinity' as double)` })] : [])

export class NotAboutRows extends ExplainedError {
  readonly code = 'definition/not-about-rows'
  readonly hint = 'Say onFail: \'fail\' or \'warn\', or promise something that a row can break by itself.'
  constructor(name: string, onFail: OnFail) {
    super(`"${name}" is no promise about single rows, so that no row can be its victim: it cannot ${onFail}.`)
  }
}
