import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { StorageFailed } from './delta-errors.ts'

/** Does work that writes below a path. @throws {StorageFailed} where the disk refuses, whoever it told so: node or DuckDB */
export async function writing<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isRefused(error) ? new StorageFailed('write', placeOf(error) ?? path, error) : error
  }
}

/** The place that refused, where node names it. */
export const placeOf = (error: unknown): string | undefined => ((error as { readonly dest?: string }).dest ?? (error as { readonly path?: string }).path)

const isRefused = (error: unknown): boolean =>
  error instanceof QueryFailed ? error.kind === 'IO' && /mkdir|No space left|Permission denied|Read-only|Operation not permitted|Failed to create directory|Could not write/i.test(error.message)
    : error instanceof Error && !(error instanceof ExplainedError) && 'syscall' in error
