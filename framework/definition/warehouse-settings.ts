import { join } from 'node:path'

/** What a profile says of a warehouse. */
export interface WarehouseConfig {
  /** A DuckDB file that stands in for it, absolute. */
  readonly path?: string | undefined
  /** The schema for published tables. */
  readonly schema?: string | undefined
}

/** Where warehouses are, as the profile says. The project puts an instance into the container. */
export class WarehouseSettings {
  constructor(
    /** The folder of stand-ins that have no path of their own. */
    readonly folder: string,
    readonly warehouses: Readonly<Record<string, WarehouseConfig>>,
  ) {}

  of(name: string): { readonly path: string; readonly schema: string | undefined } {
    const { path, schema } = this.warehouses[name] ?? {}
    return { path: path ?? join(this.folder, `${name}.duckdb`), schema }
  }
}
