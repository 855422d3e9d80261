import { randomUUID } from 'node:crypto'
import { fingerprint } from '../vocabulary/version.ts'
import type { RemoteJob } from './remote-engine.ts'

/** What a job is asked, whatever run asks it and wherever its rows go. */
export function identityOf({ work, inputs, columns }: Pick<RemoteJob, 'work' | 'inputs' | 'columns'>): string {
  // Files that were put there for the job have new names each time; their content is named by the run's own inputs.
  return fingerprint(JSON.stringify([work, inputs.map(input => ('parquet' in input ? [input.name, input.columns, randomUUID()] : input)), columns]))
}
