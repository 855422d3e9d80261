import type { RunResult } from '../execution/run-result.ts'

/** The words as one line that a shell reads the same. */
export const shellLine = (words: readonly string[]): string => words.map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ')

/**
 * The command that does what a run left undone. Calling the same again does it, since what was written is fresh by then; only a
 * forced run has to name what is left, or it would write all of it again.
 */
export function resumeCommand(words: readonly string[], selected: readonly string[], { steps }: RunResult): string {
  if (!words.includes('--force')) return shellLine(['varve', ...words])
  const left = steps.filter(({ status }) => status !== 'materialized' && status !== 'fresh').map(({ asset }) => asset)
  const options = words.slice(1).filter(word => !selected.includes(word))
  return shellLine(['varve', words[0]!, ...new Set(left), ...options])
}
