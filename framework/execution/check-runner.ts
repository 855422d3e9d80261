import type { CheckDefinition } from '../definition/check-definition.ts'
import { verdict } from '../definition/check-tolerance.ts'
import type { Candidate } from '../storage/candidate.ts'
import { CHANGED as CHANGED_ROWS } from '../storage/table-there.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import { quoteIdentifier, sql, sqlText, type TableReference } from '../vocabulary/sql.ts'
import { sampleOf, type PersonalColumns } from './check-sample.ts'
import { held, violationsText, type CheckedTable, type CheckTools, type Found } from './held-promise.ts'
import { lookedAt, type Known } from './looked-at.ts'
import { maskedValues } from './masked-values.ts'

export interface CheckWork extends CheckTools {
  readonly signal: AbortSignal
  /** Is asked once a promise is broken. */
  personal(): Promise<PersonalColumns>
  /** The promises that no row of a published version broke, by their names, where they were held to it as they are now. */
  readonly keptAt?: ((version: number) => ReadonlySet<string>) | undefined
}

/** By this name promises about changed rows find them. */
const CHANGED: TableReference = { key: CHANGED_ROWS as AssetKey }

/** Holds the promises of an asset against a candidate. What takes rows out has done so before: of it only the result is told. */
export async function runChecks(checks: readonly CheckDefinition[], candidate: Candidate, checked: CheckedTable, work: CheckWork): Promise<CheckResult[]> {
  const changed = checks.some(({ scope, rejects }) => scope === 'changed' && rejects === undefined) ? await changedRows(candidate, checked, work) : checked
  const known = await lookedAt(checks.filter(({ rejects, scope }) => rejects === undefined && scope === undefined), candidate, checked, work)
  const results: CheckResult[] = []
  for (const check of checks) results.push(check.rejects ? rejectionResult(checked.definition.key, check, candidate) : await result(check, check.scope === 'changed' ? changed : checked, work, known.get(check)))
  return results
}

/**
 * Holds the promises of an asset against a table that is there already, under its key in the session. What is taken out before a table is
 * written must not be in it either; casts that failed left no trace in it, so that nothing of them can be broken. What another engine has
 * counted, by the checks' names, is not counted again: only rows that show it are looked for here.
 */
export async function holdChecks(checks: readonly CheckDefinition[], checked: CheckedTable, work: CheckWork, counts?: ReadonlyMap<string, number>): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of checks) {
    const rows = counts?.get(check.name)
    const known: Found | undefined = check.rule.kind === 'castable' ? { rows: 0, proof: 'proven' } : rows === undefined ? undefined : rows === 0 ? { rows, proof: 'query' } : { rows, proof: 'query', violations: violationsText(check, checked, work) }
    results.push(await result(check, checked, work, known))
  }
  return results
}

async function changedRows({ changed }: Candidate, checked: CheckedTable, { session }: CheckWork): Promise<CheckedTable> {
  if (!changed) return checked
  await session.add({ name: CHANGED.key, relation: changed })
  return { ...checked, table: CHANGED, rows: await session.count(`select 1 from ${quoteIdentifier(CHANGED.key)}`), facts: () => undefined }
}

/** A check that could not be run has failed, as it was declared and whatever it tolerates: it must never pass for want of an answer. */
async function result(check: CheckDefinition, checked: CheckedTable, work: CheckWork, known?: Known): Promise<CheckResult> {
  const { name, severity, blocking, tolerance, rule } = check
  const started = performance.now()
  work.signal.throwIfAborted()
  const told = { asset: checked.definition.key, check: name, ...(blocking === false && { blocking }) }
  const durationMs = () => Math.round(performance.now() - started)
  try {
    const { rows: failingRows, proof, metric, detail, violations } = known ?? (await held(check, checked, work))
    const of = check.where === undefined || failingRows === 0 ? checked.rows : await work.session.count(sqlText(sql`select 1 from ${checked.table} where ${check.where}`, quoteIdentifier))
    const broken = verdict(failingRows, of, severity, tolerance)
    const sample = failingRows > 0 && violations !== undefined ? await sampleOf(violations, rule, await work.personal(), work.session) : undefined
    const values = known?.values ?? (rule.kind === 'masked' ? await maskedValues(checked.table, rule.column, checked.rows, work.session) : undefined)
    return { ...told, severity: broken ?? severity, passed: broken === undefined, failingRows, of, proof, durationMs: durationMs(), ...(metric !== undefined && { metric }), ...(detail !== undefined && { detail }), ...(sample && { sample }), ...(values && { values }) }
  } catch (error) {
    work.signal.throwIfAborted()
    return { ...told, severity, passed: false, failingRows: 0, of: checked.rows, proof: 'query', durationMs: durationMs(), error: await sayable(error as Error, work) }
  }
}

/** A database quotes the value that it could not read, which may be personal. */
async function sayable({ message }: Error, { personal }: CheckWork): Promise<string> {
  const [said = ''] = message.split('\n')
  const known = await personal().catch(() => undefined)
  return known?.nowhere ? said : said.replace(/'[^']*'/g, "'…'")
}

/** What was taken out before the candidate was written. One that was taken in as it had been made holds nothing to reject. */
function rejectionResult(asset: AssetKey, { name, severity, rejects }: CheckDefinition, { rejections }: Candidate): CheckResult {
  const { rows = 0, of } = rejections?.get(name) ?? {}
  const result = { asset, check: name, severity, passed: rows === 0, failingRows: rows, durationMs: 0 }
  return of === undefined ? { ...result, proof: 'proven' } : { ...result, of, proof: 'query', rejects: { how: rejects!, of } }
}
