import type { SourceFile } from './file-asset.ts'

/** A source table as `config/lineage.yaml` names it. */
export interface RegisteredTable {
  readonly source: string
  readonly table: string
  /** What the table's export files are called, up to their endings. */
  readonly files: string
}

/** Finds the files of tables that no class declares. A project names the module that exports one as `registered`: `sources.reader`. */
export interface RegisteredSource {
  /** @param service hands over a service from resources/, as `@Resource` does */
  files(table: RegisteredTable, service: <R>(service: new (...args: never[]) => R) => R): Promise<readonly SourceFile[]>
}
