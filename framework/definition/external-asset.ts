import { AbstractAsset } from './abstract-asset.ts'

/** A table that someone else fills. We observe it and read it, and never write it. */
export abstract class ExternalAsset extends AbstractAsset {
  /** A Delta table's folder, or parquet or CSV files by path or glob. */
  abstract readonly location: string
  abstract readonly format: 'delta' | 'parquet' | 'csv'
}
