import type { ContainerInstance } from 'typedi'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import { verdict } from '../definition/check-tolerance.ts'
import type { EngineSession } from '../engines/engine.ts'
import type { Candidate } from '../storage/candidate.ts'
import type { CheckProof, CheckResult } from '../vocabulary/check-result.ts'
import { sqlText, quoteIdentifier, type SqlFragment } from '../vocabulary/sql.ts'
import { violationsOf } from './violations.ts'

/** Holds the promises of an asset against a candidate: by statistics where they prove it, else by a query each. */
export async function runChecks(definition: AssetDefinition, candidate: Candidate, session: EngineSession, services: ContainerInstance, signal: AbortSignal, now: Date, lastRows?: number): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of definition.checks) {
    const started = performance.now()
    signal.throwIfAborted()
    if (check.rejects) {
      results.push(rejectionResult(definition, check, candidate))
      continue
    }
    const found = await failingRows(check, definition, { rows: candidate.rows, facts: name => candidate.facts(name), lastRows }, session, services, now)
    signal.throwIfAborted()
    results.push(resultOf(definition, check, found, candidate.rows, started))
  }
  return results
}

/**
 * Holds the promises of an asset against a table of so many rows that is there already, under its key in the session. What is taken out
 * before a table is written must not be in it either; casts that failed left no trace in it, so that nothing of them can be broken.
 */
export async function holdChecks(definition: AssetDefinition, rows: number, session: EngineSession, services: ContainerInstance, now: Date): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of definition.checks) {
    const started = performance.now()
    const found: Found = check.rule.kind === 'castable' ? { rows: 0, proof: 'static' } : await failingRows(check, definition, { rows, facts: () => undefined }, session, services, now)
    results.push(resultOf(definition, check, found, rows, started))
  }
  return results
}

/** A check that could not be run counts as it was declared, whatever it tolerates. */
function resultOf({ key }: AssetDefinition, { name, severity, tolerance }: CheckDefinition, { rows: failing, proof, error }: Found, rows: number, started: number): CheckResult {
  const broken = error === undefined ? verdict(failing, rows, severity, tolerance) : severity
  return { asset: key, check: name, severity: broken ?? severity, passed: broken === undefined, failingRows: failing, proof, durationMs: Math.round(performance.now() - started), error }
}

/** What was taken out before the candidate was written. One that was taken in as it had been made holds nothing to reject. */
function rejectionResult({ key }: AssetDefinition, { name, severity, rejects }: CheckDefinition, { rejections }: Candidate): CheckResult {
  const { rows = 0, of } = rejections?.get(name) ?? {}
  const result = { asset: key, check: name, severity, passed: rows === 0, failingRows: rows, durationMs: 0 }
  return of === undefined ? { ...result, proof: 'static' } : { ...result, proof: 'query', rejects: { how: rejects!, of } }
}

/** What is known of a table without looking into it; `lastRows` are those of the version that is published. */
type Counted = Pick<Candidate, 'rows' | 'facts'> & { readonly lastRows?: number | undefined }

function rowLimits({ min = 0, max = Infinity, ofLast = {} }: Extract<CheckDefinition['rule'], { kind: 'row-count' }>, lastRows: number | undefined): { readonly min: number; readonly max: number } {
  if (lastRows === undefined) return { min, max }
  return { min: Math.max(min, Math.ceil(lastRows * (ofLast.min ?? 0))), max: ofLast.max === undefined ? max : Math.min(max, Math.floor(lastRows * ofLast.max)) }
}

interface Found {
  readonly rows: number
  readonly proof: CheckProof
  readonly error?: string | undefined
}

async function failingRows(check: CheckDefinition, definition: AssetDefinition, candidate: Counted, session: EngineSession, services: ContainerInstance, now: Date): Promise<Found> {
  const { rule } = check
  if (rule.kind === 'row-count') {
    const { min, max } = rowLimits(rule, candidate.lastRows)
    return { rows: candidate.rows < min ? min - candidate.rows : Math.max(0, candidate.rows - max), proof: 'statistics' }
  }
  const proven = provenByStatistics(check, candidate)
  if (proven) return proven
  try {
    const violations = rule.kind === 'method' ? rule.violations(services) : violationsOf(rule, definition, now)
    return { rows: await session.count(text(violations)), proof: 'query' }
  } catch (error) {
    // A check that can't be run has not held: it must never pass for want of an answer.
    return { rows: 0, proof: 'query', error: (error as Error).message }
  }
}

function provenByStatistics({ rule }: CheckDefinition, candidate: Counted): Found | undefined {
  if (rule.kind !== 'not-null') return undefined
  const facts = candidate.facts(rule.column)
  return facts && { rows: facts.nulls, proof: 'statistics' }
}

const text = (fragment: SqlFragment): string => sqlText(fragment, quoteIdentifier)
