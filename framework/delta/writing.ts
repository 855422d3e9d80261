import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { StorageFailed } from './delta-errors.ts'

/** Does work that writes below a path. @throws {StorageFailed} where the disk refuses, whoever it told so: node or DuckDB */
export async function writing<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isRefused(error) ? new StorageFailed('write', path, error) : error
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof QueryFailed ? error.kind === 'IO' && /mkdir|No space left|Permission denied|Read-only|Operation not permitted|Failed to create directory|Could not write/i.test(error.message)
    : error instanceof Error && !(error instanceof ExplainedError) && 'syscall' in error
