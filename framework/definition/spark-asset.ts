import { AbstractAsset } from './abstract-asset.ts'
import type { RunContext } from './run-context.ts'

/**
 * A table that a PySpark script of the author's makes, on an engine that runs Spark. The script has a function `rows(spark, job)` that gives a
 * DataFrame: `job.table('orders')` is an upstream by its property or key, at the version that the plan pinned; `job.parameters` are those
 * of `parameters()`, and `job.partition` is the slice to make. It writes nothing: its rows are checked and committed as any asset's are.
 */
export abstract class SparkAsset extends AbstractAsset {
  /** The script's path from the project's folder, or beside the module that declares the asset: `./sessions.py`. Its text is part of the code version. */
  abstract readonly script: string
  /** The columns in order, each with its SQL type in DuckDB's words. What the script gives must have these names, and types of which a cast loses nothing. */
  abstract readonly columns: Readonly<Record<string, string>>

  /** What the script finds under `job.parameters`. */
  parameters(_context: RunContext): Readonly<Record<string, string | number | boolean>> {
    return {}
  }
}
