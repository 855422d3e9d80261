import type { CheckResult } from '../../vocabulary/check-result.ts'
import { visible } from '../terminal/text-width.ts'
import { count, counted } from './amounts.ts'

/** A broken promise that did not hold up the run, in words. */
export function warningText({ check, failingRows, rejects, error, detail }: CheckResult): string {
  if (error !== undefined) return visible(`"${check}" could not be checked: ${error.split('\n')[0]}`)
  if (detail !== undefined) return visible(`"${check}" does not hold: ${detail}`)
  if (!rejects) return visible(`"${check}" does not hold for ${counted(failingRows, 'row')}`)
  return visible(`"${check}" ${rejects.how === 'drop' ? 'dropped' : 'put into quarantine'} ${count(failingRows)} of ${counted(rejects.of, 'row')}`)
}

/** Whether a rule took out so much that the rule, rather than the data, is likely to be wrong. */
export const rejectsNearlyAll = ({ failingRows, rejects }: CheckResult): boolean => rejects !== undefined && failingRows * 2 > rejects.of

/** What a person should be told first of such a rule. */
export const rejectsNearlyAllText = ({ failingRows, rejects }: CheckResult): string =>
  `This rule rejects ${Math.floor((failingRows / rejects!.of) * 100)} % of the rows. Look at the rule before the data.`
