import { randomUUID } from 'node:crypto'
import { fingerprint } from '../vocabulary/version.ts'
import type { JobFiles } from './job-files.ts'
import type { RemoteJob } from './remote-job.ts'

/** What a job is asked, whatever run asks it, at whatever time and on whatever machine, and wherever its rows go. */
export function identityOf({ work, inputs, columns, table }: Pick<RemoteJob, 'work' | 'inputs' | 'columns' | 'table'>, { address }: Pick<JobFiles, 'address'>): string {
  const { merge, slices } = table ?? {}
  const addressed = <File extends { readonly path: string }>(files: readonly File[]) => files.map(file => ({ ...file, path: address(file.path) }))
  const base = table?.base && { ...table.base, location: address(table.base.location) }
  // Rows of which nobody can tell whether they are the same are others each time.
  return fingerprint(JSON.stringify([work, inputs.map(input => ('put' in input ? [input.name, input.columns, input.content ?? randomUUID()] : { ...input, location: address(input.location) })), columns, table && { ...table, base, folder: undefined, slices: slices && { ...slices, folder: undefined, mixed: addressed(slices.mixed) }, merge: merge && { ...merge, files: addressed(merge.files), history: merge.history && { ...merge.history, now: undefined } } }]))
}
