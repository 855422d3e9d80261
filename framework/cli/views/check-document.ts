import { ratioOf, type CheckResult } from '../../vocabulary/check-result.ts'

/** What came of one check, as the JSON documents have it. */
export interface CheckDocument {
  readonly name: string
  readonly passed: boolean
  readonly severity: string
  readonly blocking?: false | undefined
  readonly failingRows: number
  /** How many rows were looked at; null where none could be. */
  readonly rows: number | null
  readonly ratio: number
  readonly proof: string
  readonly durationMs: number
  readonly metric?: number | undefined
  readonly detail?: string | undefined
  readonly sample?: CheckResult['sample']
  readonly rejects?: CheckResult['rejects']
  readonly error?: string | undefined
}

export const checkDocument = (result: CheckResult): CheckDocument => {
  const { check, passed, severity, blocking, failingRows, of, proof, durationMs, metric, detail, sample, rejects, error } = result
  return {
    name: check, passed, severity, ...(blocking === false && { blocking }), failingRows, rows: of ?? null, ratio: ratioOf(result), proof, durationMs,
    ...(metric !== undefined && { metric }), ...(detail !== undefined && { detail }), ...(sample && { sample }), ...(rejects && { rejects }), ...(error !== undefined && { error }),
  }
}
