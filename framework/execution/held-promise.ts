import type { ContainerInstance } from 'typedi'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckDefinition, CheckRule } from '../definition/check-definition.ts'
import type { Contract } from '../definition/contract.ts'
import { ownTable } from '../definition/own-table.ts'
import type { EngineSession } from '../engines/engine.ts'
import type { QueryGuarantees } from '../graph/query-guarantees.ts'
import type { ColumnFacts } from '../storage/candidate.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckProof } from '../vocabulary/check-result.ts'
import { column, join, quoteIdentifier, sql, sqlText, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'
import { expectation } from './past-values.ts'
import { rowsOf, violationsOf, type QueriedRule } from './violations.ts'
import { wrongColumns } from './wrong-columns.ts'

/** What is known of a table without looking into it. */
export interface CheckedTable {
  readonly definition: AssetDefinition
  /** By which name the session knows the rows to look at. */
  readonly table: TableReference
  readonly rows: number
  /** What statistics prove about a column. */
  facts(column: string): ColumnFacts | undefined
  /** What the form of the query proves of all that it makes. */
  readonly guarantees: QueryGuarantees
  /** Rows of the version that is published. */
  readonly lastRows?: number | undefined
}

/** What there is to hold promises with. */
export interface CheckTools {
  readonly session: EngineSession
  readonly services: ContainerInstance
  readonly contract: Contract | undefined
  readonly now: Date
  /** What a check measured of the published versions before, newest first. */
  past(check: CheckDefinition): readonly number[]
}

/** What came of looking. */
export interface Found {
  readonly rows: number
  readonly proof: CheckProof
  readonly metric?: number | undefined
  readonly detail?: string | undefined
  /** Selects what was found wrong. */
  readonly violations?: string | undefined
}

/** Holds one promise, in the cheapest way that proves or disproves it. @throws where it cannot be looked at */
export async function held(check: CheckDefinition, checked: CheckedTable, tools: CheckTools): Promise<Found> {
  const { rule, where } = check
  const { session, services, now } = tools
  switch (rule.kind) {
    case 'row-count':
      return rowCount(rule, where === undefined ? checked.rows : await session.count(text(sql`select 1 from ${checked.table} where ${where}`, checked)), checked, where === undefined)
    case 'schema':
      return schema(rule.columns, rule.closed, checked, tools)
    case 'contract': {
      if (!tools.contract) throw new Error('the asset names no contract')
      return schema(Object.fromEntries(tools.contract.columns.map(({ name, as, type }) => [as ?? name, type])), false, checked, tools)
    }
    case 'anomaly':
      return anomaly(check, rule, checked, tools)
    case 'method':
      return counted(text(rule.violations(services), checked), session)
    default: {
      const proven = isScoped(check) ? undefined : provenWithoutQuery(rule, checked)
      // Which rows they are, only a query can show.
      if (proven) return proven.rows === 0 ? proven : { ...proven, violations: violationsText(check, checked, tools) }
      const violations = onlyNulls(rule, check, checked) ?? violationsOf({ rule, where }, checked.table, now)
      return counted(text(violations, checked), session)
    }
  }
}

/** Selects what breaks a promise about rows; undefined of others. */
export function violationsText({ rule, where }: CheckDefinition, checked: CheckedTable, { services, now }: CheckTools): string | undefined {
  switch (rule.kind) {
    case 'method': return text(rule.violations(services), checked)
    case 'row-count': case 'schema': case 'contract': case 'anomaly': return undefined
    default: return text(violationsOf({ rule, where }, checked.table, now), checked)
  }
}

const isScoped = ({ where, scope }: CheckDefinition): boolean => where !== undefined || scope !== undefined

async function counted(violations: string, session: EngineSession): Promise<Found> {
  return { rows: await session.count(violations), proof: 'query', violations }
}

export function provenWithoutQuery(rule: QueriedRule, checked: CheckedTable): Found | undefined {
  const { guarantees } = checked
  const nulls = (name: string): { rows: number; proof: CheckProof } | undefined => {
    if (guarantees.notNull.includes(name.toLowerCase())) return { rows: 0, proof: 'proven' }
    const known = checked.facts(name)?.nulls
    return known === undefined ? undefined : { rows: known, proof: 'statistics' }
  }
  switch (rule.kind) {
    case 'not-null':
      return nulls(rule.column)
    case 'unique':
      return isUnique(rule.columns, guarantees) ? { rows: 0, proof: 'proven' } : undefined
    case 'primary-key': {
      const found = rule.columns.map(nulls)
      if (!isUnique(rule.columns, guarantees) || found.some(each => each?.rows !== 0)) return undefined
      return { rows: 0, proof: found.every(each => each!.proof === 'proven') ? 'proven' : 'statistics' }
    }
    case 'between':
      return isWithin(rule, checked.facts(rule.column)) ? { rows: 0, proof: 'statistics' } : undefined
    default:
      return undefined
  }
}

const isUnique = (columns: readonly string[], { unique }: QueryGuarantees): boolean => unique.some(key => key.every(name => columns.some(column => column.toLowerCase() === name)))

/** That the values are unique is proven, but not that none is missing. */
function onlyNulls(rule: QueriedRule, { where }: CheckDefinition, { table, guarantees }: CheckedTable): SqlFragment | undefined {
  if (rule.kind !== 'primary-key' || !isUnique(rule.columns, guarantees)) return undefined
  return sql`select * from ${rowsOf(table, where)} where ${join(rule.columns.map(name => sql`${column(name)} is null`), ' or ')}`
}

function isWithin({ min, max }: { readonly min?: number | string | undefined; readonly max?: number | string | undefined }, known: ColumnFacts | undefined): boolean {
  const [least, greatest] = [Number(known?.min ?? NaN), Number(known?.max ?? NaN)]
  if (!isExact(least) || !isExact(greatest)) return false
  return (min === undefined || (typeof min === 'number' && least >= min)) && (max === undefined || (typeof max === 'number' && greatest <= max))
}

const isExact = (value: number): boolean => Math.abs(value) < 2 ** 52

function rowCount({ min = 0, max = Infinity, ofLast = {} }: Extract<CheckRule, { kind: 'row-count' }>, rows: number, { lastRows }: CheckedTable, counted: boolean): Found {
  const least = lastRows === undefined ? min : Math.max(min, Math.ceil(lastRows * (ofLast.min ?? 0)))
  const most = lastRows === undefined || ofLast.max === undefined ? max : Math.min(max, Math.floor(lastRows * ofLast.max))
  const wrong = rows < least ? least - rows : Math.max(0, rows - most)
  return { rows: wrong, proof: counted ? 'statistics' : 'query', metric: rows, detail: wrong === 0 ? undefined : `there are ${rows}, ${rows < least ? `and at least ${least}` : `and at most ${most}`} were promised${lastRows === undefined ? '' : `; the last version has ${lastRows}`}` }
}

async function schema(promised: Readonly<Record<string, string>>, closed: boolean, checked: CheckedTable, { session }: CheckTools): Promise<Found> {
  const wrong = await wrongColumns(promised, await session.columns(text(sql`select * from ${checked.table}`, checked)), closed, session)
  return { rows: wrong.length, proof: 'statistics', detail: wrong.length === 0 ? undefined : wrong.join('; ') }
}

async function anomaly(check: CheckDefinition, { metric, sensitivity, least, window }: Extract<CheckRule, { kind: 'anomaly' }>, checked: CheckedTable, { session, past }: CheckTools): Promise<Found> {
  const value = await session.metric(text(metricOf(metric, checked.table, check.where), checked))
  const values = past(check).slice(0, window)
  if (values.length < least) return { rows: 0, proof: 'query', metric: value, detail: `of ${least} past versions that are needed there are ${values.length}` }
  const { middle, reach } = expectation(values, sensitivity)
  if (value !== undefined && Math.abs(value - middle) <= reach) return { rows: 0, proof: 'query', metric: value }
  return { rows: 1, proof: 'query', metric: value, detail: `it is ${value ?? 'no number'}, and ${values.length} past versions let expect ${rounded(middle)} give or take ${rounded(reach)}` }
}

/** What is measured of the rows that a promise is about. */
export const metricOf = (metric: SqlFragment, table: TableReference, where: SqlFragment | undefined): SqlFragment => sql`select cast((${metric}) as double) as metric from ${rowsOf(table, where)}`

const rounded = (value: number): string => String(Number(value.toPrecision(6)))

/** A check's query as the session understands it. */
function text(fragment: SqlFragment, { table }: CheckedTable): string {
  return sqlText(fragment, (key: AssetKey) => quoteIdentifier(key === ownTable.key ? table.key : key))
}
