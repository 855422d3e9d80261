import { columnType } from '../duckdb/column-type.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { ShadowTable, ShadowView } from './column-lineage-data.ts'
import { markedMask } from './column-lineage-expression.ts'

/** What column lineage needs of a connection. */
export interface LineageSession {
  run(sql: string): Promise<unknown>
  json<T>(sql: string): Promise<T[]>
}

let opened = 0

/** Empty typed tables in an in-memory catalog of their own, which the connection's unqualified names find first. */
export class ShadowCatalog {
  readonly #declared = new Map<string, ShadowTable>()
  readonly #attached: string[] = []

  private constructor(
    readonly session: LineageSession,
    readonly name: string,
    readonly searchPath: string,
    /** DuckDB's own words, in lower case. */
    readonly keywords: ReadonlySet<string>,
  ) {}

  /** Until {@link close}, the connection finds the catalog's tables first. `masks` that are macros are marked, so that the plan shows them. */
  static async open(session: LineageSession, masks: readonly string[]): Promise<ShadowCatalog> {
    const [found] = await session.json<{ path: string; current: string; keywords: string[] }>(
      "select current_setting('search_path') as path, current_catalog() || '.' || current_schema() as current, (select list(keyword_name) from duckdb_keywords()) as keywords")
    const { path, current, keywords } = found!
    const catalog = new ShadowCatalog(session, `varve_lineage_${(opened += 1)}`, path || current, new Set(keywords))
    try {
      await catalog.#attach(catalog.name)
      await session.run(`set search_path = ${quoteLiteral(`${catalog.name}.main,${catalog.searchPath}`)}`)
      await catalog.#markMacros(masks)
      return catalog
    } catch (error) {
      await catalog.close()
      throw error
    }
  }

  /** Lends the catalog to the work. */
  static async use<T>(session: LineageSession, masks: readonly string[], work: (catalog: ShadowCatalog) => Promise<T>): Promise<T> {
    const catalog = await ShadowCatalog.open(session, masks)
    try {
      return await work(catalog)
    } finally {
      await catalog.close()
    }
  }

  /** Leaves the connection as it was. */
  async close(): Promise<void> {
    await this.session.run(`set search_path = ${quoteLiteral(this.searchPath)}`)
    for (const attached of this.#attached) await this.session.run(`detach ${quoteIdentifier(attached)}`)
  }

  async declare(tables: Iterable<ShadowTable>): Promise<void> {
    const statements: string[] = []
    for (const table of tables) {
      const path = table.path ?? [table.name]
      const key = pathKey(this.pathOf(path))
      if (this.#declared.has(key)) continue
      this.#declared.set(key, table)
      if (path.length === 3) await this.#attach(path[0]!)
      if (path.length > 1) statements.push(`create schema if not exists ${this.pathOf(path).slice(0, 2).map(quoteIdentifier).join('.')};`)
      const columns = table.columns.map(({ name, type }) => `${quoteIdentifier(name)} ${declarable(table.name, name, type)}`)
      statements.push(`create table ${this.pathOf(path).map(quoteIdentifier).join('.')} (${columns.join(', ') || '"varve: no columns" integer'});`)
    }
    if (statements.length === 0) return
    try {
      await this.session.run(statements.join('\n'))
    } catch (error) {
      throw unknownType(error as Error, this.#declared.values()) ?? error
    }
  }

  /** A query that bound, under a name; a later one of the same name takes its place. */
  async declareView({ path, sql, names = [] }: ShadowView): Promise<void> {
    if (path.length === 3) await this.#attach(path[0]!)
    if (path.length > 1) await this.session.run(`create schema if not exists ${this.pathOf(path).slice(0, 2).map(quoteIdentifier).join('.')}`)
    const columns = names.length > 0 ? `(${names.map(quoteIdentifier).join(', ')})` : ''
    await this.session.run(`create or replace view ${this.pathOf(path).map(quoteIdentifier).join('.')}${columns} as ${sql}`)
  }

  /** The declared table at a place of the plan. */
  tableAt(path: readonly string[]): ShadowTable | undefined {
    return this.#declared.get(pathKey(path))
  }

  pathOf(path: readonly string[]): readonly string[] {
    return path.length === 3 ? path : path.length === 2 ? [this.name, ...path] : [this.name, 'main', ...path]
  }

  async #attach(name: string): Promise<void> {
    if (this.#attached.includes(name)) return
    await this.session.run(`attach ':memory:' as ${quoteIdentifier(name)}`)
    this.#attached.push(name)
  }

  /** A macro is gone from the plan once it is bound, so ours of the same name wraps it into a struct with a telling field and takes it out again. */
  async #markMacros(masks: readonly string[]): Promise<void> {
    if (masks.length === 0) return
    const macros = await this.session.json<{ name: string; parameters: string[]; body: string }>(
      `select function_name as name, parameters, macro_definition as body from duckdb_functions() where function_type = 'macro' and lower(function_name) in (${masks.map(mask => quoteLiteral(mask.toLowerCase())).join(', ')})`)
    for (const { name, parameters, body } of macros) {
      await this.session.run(`create or replace macro ${quoteIdentifier(this.name)}.main.${quoteIdentifier(name)}(${parameters.map(quoteIdentifier).join(', ')}) as ${markedMask(body)}`)
    }
  }
}

/** The type, once it is sure that it is nothing but one. */
function declarable(table: string, column: string, type: string): string {
  try {
    columnType(type)
  } catch {
    throw new NotAColumnType(table, column, type)
  }
  return type === '"NULL"' ? 'INTEGER' : type
}

/** Which column's type the database has never heard of, where that is what it says. */
function unknownType({ message }: Error, tables: Iterable<ShadowTable>): NotAColumnType | undefined {
  const name = /Type with name "?(.+?)"? does not exist/.exec(message)?.[1]
  if (name === undefined) return undefined
  const column = [...tables].flatMap(table => table.columns.map(each => ({ table: table.name, ...each }))).find(({ type }) => type.toLowerCase().includes(name.toLowerCase()))
  return column && new NotAColumnType(column.table, column.name, column.type)
}

/** A type of a shadow table that DuckDB could not have described. */
export class NotAColumnType extends ExplainedError {
  readonly code = 'graph/not-a-column-type'
  readonly hint = 'Write a DuckDB type: INTEGER, VARCHAR, DECIMAL(18,2), TIMESTAMP, VARCHAR[], STRUCT(a INTEGER).'
  constructor(readonly table: string, readonly column: string, readonly type: string) {
    super(`The type "${type}" of ${table}.${column} is no type.`)
  }
}

/** Catalogs, schemas and tables are found whatever their case. */
const pathKey = (path: readonly string[]): string => JSON.stringify(path.map(part => part.toLowerCase()))
