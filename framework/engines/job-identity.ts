import { randomUUID } from 'node:crypto'
import { fingerprint } from '../vocabulary/version.ts'
import type { RemoteJob } from './remote-engine.ts'

/** What a job is asked, whatever run asks it, at whatever time, and wherever its rows go. */
export function identityOf({ work, inputs, columns, table }: Pick<RemoteJob, 'work' | 'inputs' | 'columns' | 'table'>): string {
  const merge = table?.merge
  // Rows of which nobody can tell whether they are the same are others each time.
  return fingerprint(JSON.stringify([work, inputs.map(input => ('put' in input ? [input.name, input.columns, input.content ?? randomUUID()] : input)), columns, table && { ...table, folder: undefined, merge: merge && { ...merge, history: merge.history && { ...merge.history, now: undefined } } }]))
}
