import type { CheckDefinition } from '../definition/check-definition.ts'
import { brokenRule, isAboutRows } from '../definition/row-rules.ts'
import type { Candidate } from '../storage/candidate.ts'
import type { MaskedValues } from '../vocabulary/check-result.ts'
import { quoteIdentifier, sqlText } from '../vocabulary/sql.ts'
import type { CheckWork } from './check-runner.ts'
import { brokenWithin } from './countable.ts'
import { provenWithoutQuery, violationsText, type CheckedTable, type Found } from './held-promise.ts'
import { isInvalid, isMissing } from './masked-values.ts'
import { brokenKeys, NEW_ROWS, newRowsOf, staysKept } from './new-rows.ts'
import { countedAtOnce } from './one-look.ts'
import type { QueriedRule } from './violations.ts'

/** What is known of a promise before it is looked at by itself. */
export interface Known extends Found {
  readonly values?: MaskedValues | undefined
}

/**
 * What one look at the candidate tells of many promises about rows, and one at its new rows of those that the published version kept. Of an
 * engine that was asked beforehand nothing: its answers are to those questions alone.
 */
export async function lookedAt(checks: readonly CheckDefinition[], candidate: Candidate, checked: CheckedTable, work: CheckWork): Promise<ReadonlyMap<CheckDefinition, Known>> {
  const found = new Map<CheckDefinition, Known>()
  if (!work.keptAt) return found
  const open = checks.filter(check => (isCounted(check) || isKey(check)) && !isProven(check, checked))
  const added = open.length === 0 ? undefined : newRowsOf(candidate)
  const kept = added && work.keptAt(added.to)
  const before = open.filter(check => kept?.has(check.name) && staysKept(check))
  if (added && before.length > 0) await work.session.add({ name: NEW_ROWS.key, relation: added.relation })
  for (const check of before.filter(isKey)) {
    const violations = sqlText(brokenKeys(check, checked.table)!, quoteIdentifier)
    found.set(check, { rows: await work.session.count(violations), proof: 'query', violations })
  }
  await count(before.filter(isCounted), [], { ...checked, table: NEW_ROWS }, work, found)
  await count(open.filter(check => isCounted(check) && !before.includes(check)), open, checked, work, found)
  return found
}

/** @param masked promises whose values are told as well */
async function count(checks: readonly CheckDefinition[], masked: readonly CheckDefinition[], table: CheckedTable, work: CheckWork, found: Map<CheckDefinition, Known>): Promise<void> {
  const masks = masked.flatMap(check => (check.rule.kind === 'masked' ? [{ check, column: check.rule.column }] : []))
  const counts = await countedAtOnce([...checks.map(({ rule, where }) => brokenWithin(brokenRule(rule, work.now)!, where)), ...masks.flatMap(({ column }) => [isMissing(column), isInvalid(column)])], table.table, work.session)
  if (!counts) return
  for (const [i, check] of checks.entries()) found.set(check, { rows: counts[i]!, proof: 'query', violations: counts[i] === 0 ? undefined : violationsText(check, table, work) })
  for (const [i, { check }] of masks.entries()) {
    const [nulls, invalid] = [counts[checks.length + 2 * i]!, counts[checks.length + 2 * i + 1]!]
    const known = found.get(check)
    if (known) found.set(check, { ...known, values: { masked: table.rows - nulls - invalid, nulls, invalid } })
  }
}

const isKey = ({ rule }: CheckDefinition): boolean => rule.kind === 'unique' || rule.kind === 'primary-key'
/** What compares with another table is faster as a join. */
const isCounted = ({ rule }: CheckDefinition): boolean => rule.kind === 'masked' || (isAboutRows(rule) && rule.kind !== 'relationship')
const isProven = ({ rule, where }: CheckDefinition, checked: CheckedTable): boolean => where === undefined && provenWithoutQuery(rule as QueriedRule, checked) !== undefined
