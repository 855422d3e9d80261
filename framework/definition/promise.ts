import { ExplainedError } from '../vocabulary/errors.ts'
import type { CheckDefinition, CheckRule } from './check-definition.ts'
import type { CheckOptions } from './check.ts'
import { toleranceOf } from './check-tolerance.ts'
import { fateOf, isAboutRows } from './row-rules.ts'

/** A promise as it is carried out, of what its author says. @throws {BadTolerance}, {NotAboutRows} or {BadPromise} where that does not go together */
export function promise(name: string, rule: CheckRule, options: CheckOptions = {}): CheckDefinition {
  const fate = fateOf(name, rule, options.onFail, options.severity)
  const tolerance = toleranceOf(name, rule, options, fate.severity, options.onFail)
  const { blocking, where, scope } = options
  if (blocking === true && fate.severity === 'warn') throw new BadPromise(name, 'it only warns, and so cannot block', "Say severity: 'error', or leave blocking out.")
  if (where && WITHOUT_ROWS.has(rule.kind)) throw new BadPromise(name, 'no rows can be chosen of what it is about', 'Leave where out.')
  if (where && rule.kind === 'row-count' && rule.ofLast) throw new BadPromise(name, 'the last version is only known as a whole', 'Leave where or ofLast out.')
  if (scope === 'changed' && !isAboutRows(rule)) throw new BadPromise(name, 'it cannot be told from the changed rows alone whether it holds', "Say scope: 'full', or promise something that a row can break by itself.")
  return Object.freeze({ name, ...fate, ...(blocking === false && fate.severity === 'error' && { blocking }), ...(where && { where }), ...(scope === 'changed' && { scope }), rule: Object.freeze(rule), ...(tolerance && { tolerance }) })
}

const WITHOUT_ROWS: ReadonlySet<CheckRule['kind']> = new Set<CheckRule['kind']>(['schema', 'contract', 'method'])

export class BadPromise extends ExplainedError {
  readonly code = 'definition/bad-promise'
  constructor(name: string, problem: string, readonly hint: string) {
    super(`"${name}" cannot be promised in this way: ${problem}.`)
  }
}
