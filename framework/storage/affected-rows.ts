import { randomUUID } from 'node:crypto'
import { rowDifference, type RowDifference } from '../delta/rows-since.ts'
import { duckdbType } from '../delta/schema.ts'
import { fieldNamed } from '../delta/schema-types.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import type { Connection } from '../duckdb/connection.ts'
import type { Database } from '../duckdb/database.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import { queryOver, type ReadableInput } from '../engines/query-over.ts'
import { cuttable, type Cut, type Cuttable, type Leaf } from '../graph/key-cuts.ts'
import { areHandedOn, type Tree } from '../graph/settled-query.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'

/** A table that a query names: as it was when it was read last, and as it is now. */
export interface TableThenAndNow {
  readonly was: Snapshot
  readonly now: Snapshot
  readonly changed: boolean
}

/** What changes of a query's result, told by the values of a column that its rows hang on. */
export interface AffectedRows {
  /** A SELECT of its rows of these values as they are now. */
  readonly now: string
  /** A SELECT of the keys that its rows of these values had. */
  readonly keysThen: string
  /** How many values these are. */
  readonly values: number
  /** The rows now of a part of the query, which is told by its text; undefined where it is not cut by itself. */
  part(text: string): Promise<string | undefined>
  /** Has to be called when all is read. */
  forget(): Promise<void>
}

export interface AffectedOptions {
  /** What names a row of the result. */
  readonly key: readonly string[]
  readonly most: number
  /** Columns of the result that are of no account: rows that differ there alone are the same. In lower case. */
  readonly aside: readonly string[]
  readonly signal: AbortSignal
}

/**
 * What of a query's result may be otherwise than when its tables were read last, and no more than `most` values of the column that its rows hang
 * on. Undefined where that can't be told: where no column cuts the query, where a table changed that it does not cut, or where it is too much.
 */
export async function affectedRows(database: Database, text: string, tables: ReadonlyMap<string, TableThenAndNow>, { key, most, aside, signal }: AffectedOptions): Promise<AffectedRows | undefined> {
  const name = `varve_affected_${randomUUID().replaceAll('-', '')}`
  const forget = () => database.use(async connection => void await connection.run(`drop table if exists main.${quoteIdentifier(name)}`))
  try {
    const found = await database.use(connection => new Affected(connection, tables, name, aside, signal).find(text, key, most))
    if (found) return { ...found, forget, part: part => database.use(connection => found.part(connection, part)) }
  } catch (error) {
    // What is no query by itself, or can't be told as text again, is asked as its author wrote it.
    if (!(error instanceof QueryFailed)) {
      await forget()
      throw error
    }
  }
  await forget()
  return undefined
}

type Found = Omit<AffectedRows, 'forget' | 'part'> & { part(connection: Connection, text: string): Promise<string | undefined> }

class Affected {
  readonly #connection: Connection
  readonly #tables: ReadonlyMap<string, TableThenAndNow>
  readonly #values: string
  readonly #signal: AbortSignal
  readonly #aside: ReadonlySet<string>
  #tree: Tree = {}
  readonly #differences = new Map<string, Promise<RowDifference | undefined>>()

  constructor(connection: Connection, tables: ReadonlyMap<string, TableThenAndNow>, name: string, aside: readonly string[], signal: AbortSignal) {
    this.#connection = connection
    this.#tables = tables
    this.#values = `main.${quoteIdentifier(name)}`
    this.#aside = new Set(aside)
    this.#signal = signal
  }

  async find(text: string, key: readonly string[], most: number): Promise<Found | undefined> {
    const query = cuttable(await parsed(this.#connection, text), table => this.#tables.get(table)?.now.schema.fields.map(({ name }) => name))
    const cut = query && this.#best(query)
    this.#tree = query?.tree ?? {}
    if (!cut || !(await this.#isOfOneType(cut))) return undefined
    const changed = await this.#changedValues(cut)
    if (changed === undefined) return undefined
    const [leaf, column] = [...cut.columns].find(([, name]) => name !== undefined)!
    const none = `select ${quoteIdentifier(column!)} as v from (${await this.#wholeOf(leaf, 'now')}) as l where false`
    await this.#connection.run(`create table ${this.#values} as select distinct v from (${[none, ...changed].join(' union all ')})`, { signal: this.#signal })
    const [counted] = await this.#connection.rows<{ n: bigint }>(`select count(*) as n from ${this.#values}`)
    const values = Number(counted!.n)
    if (values > most) return undefined
    const renamed = await this.#overLeaves(query, cut)
    const [now, was] = [await this.#rows(query, renamed, cut, 'now'), await this.#rows(query, renamed, cut, 'was')]
    return {
      now, values,
      keysThen: `select distinct ${key.map(quoteIdentifier).join(', ')} from (${was})`,
      part: async (connection, part) => {
        const tree = JSON.stringify(await parsed(connection, part))
        const leaf = query.leaves.find(({ query: own, columns }) => own && columns.length > 0 && JSON.stringify(withoutPlaces(own)) === tree)
        return leaf && this.#leafRows(leaf, cut, 'now')
      },
    }
  }

  /** The cut that leaves the fewest leaves as they are, if those are not known to have changed. */
  #best({ cuts }: Cuttable): Cut | undefined {
    const cost = ({ columns, lookups }: Cut) => {
      const found = new Set(lookups.flatMap(({ of }) => [...of.keys()]))
      let sum = 0
      for (const [leaf, column] of columns) {
        if (column !== undefined || !this.#mayDiffer(leaf)) continue
        if (found.has(leaf)) sum += 1
        else if (leaf.query === undefined) return Infinity
        else sum += 10
      }
      return sum + lookups.length / 100
    }
    const [best] = cuts.map(cut => ({ cut, cost: cost(cut) })).filter(each => each.cost < Infinity && [...each.cut.columns.values()].some(column => column !== undefined)).sort((a, b) => a.cost - b.cost)
    return best?.cut
  }

  #mayDiffer({ tables }: Leaf): boolean {
    return tables.some(table => this.#tables.get(table)!.changed)
  }

  /** Values are compared as they are: a column of another type would have them turned into its own. */
  async #isOfOneType({ columns, lookups }: Cut): Promise<boolean> {
    const groups = [[...columns].flatMap(([leaf, column]) => (column === undefined ? [] : [{ leaf, column }])), ...lookups.map(({ leaf, via, of }) => [{ leaf, column: via }, ...[...of].map(([each, column]) => ({ leaf: each, column }))])]
    for (const group of groups) {
      const types = new Set<string>()
      for (const { leaf, column } of group) types.add(await this.#typeOf(leaf, column))
      if (types.size > 1 || [...types].some(type => /FLOAT|DOUBLE|[[(]/.test(type) && !type.startsWith('DECIMAL'))) return false
    }
    return true
  }

  async #typeOf(leaf: Leaf, column: string): Promise<string> {
    const field = leaf.table === undefined ? undefined : fieldNamed(this.#tables.get(leaf.table)!.now.schema, column)
    if (field) return duckdbType(field.type)
    const described = await this.#connection.describe(await this.#wholeOf(leaf, 'now'))
    return described.find(({ name }) => name.toLowerCase() === column)!.type
  }

  /** SELECTs of the values whose rows may be otherwise; undefined where a leaf is not as it was that nothing cuts. */
  async #changedValues({ columns, lookups }: Cut): Promise<readonly string[] | undefined> {
    const found: string[] = []
    for (const [leaf, column] of columns) {
      if (!this.#mayDiffer(leaf)) continue
      if (column !== undefined) {
        const values = await this.#differing(leaf, column)
        if (values === undefined) return undefined
        found.push(values)
      } else if (!lookups.some(({ of }) => of.has(leaf)) && (await this.#isOtherwise(leaf))) return undefined
    }
    for (const { leaf, driver, via, of } of lookups) {
      const values: string[] = []
      for (const [looked, column] of of) {
        if (!this.#mayDiffer(looked)) continue
        const told = await this.#differing(looked, column)
        if (told === undefined) return undefined
        values.push(told)
      }
      if (values.length > 0) found.push(`select l.${quoteIdentifier(driver)} as v from (${await this.#wholeOf(leaf, 'now')}) as l where l.${quoteIdentifier(via)} in (select v from (${values.join(' union all ')}) as looked where v is not null)`)
    }
    return found
  }

  /** A SELECT of the values of a column of the rows that came or went. */
  async #differing(leaf: Leaf, column: string): Promise<string | undefined> {
    const name = quoteIdentifier(column)
    if (leaf.table !== undefined) {
      return (await this.#difference(leaf.table))?.of(column)
    }
    const told = this.#aside.size > 0 && areHandedOn(this.#tree, this.#aside, leaf.place) ? leaf.columns.filter(each => each === column || !this.#aside.has(each)) : leaf.columns
    const row = `hash(${told.map(each => `q.${quoteIdentifier(each)}`).join(', ')})`
    const side = async (when: 'now' | 'was', sign: number) => `select q.${name} as v, ${row} as h, ${sign} as n from (${await this.#wholeOf(leaf, when)}) as q`
    return `select v from (${await side('now', 1)} union all ${await side('was', -1)}) as sides group by v, h having sum(n) <> 0`
  }

  async #isOtherwise(leaf: Leaf): Promise<boolean> {
    const values = await this.#differing(leaf, leaf.columns[0]!)
    return values === undefined || (await this.#connection.rows(`select 1 from (${values}) limit 1`, { signal: this.#signal })).length > 0
  }

  #difference(table: string): Promise<RowDifference | undefined> {
    const { was, now } = this.#tables.get(table)!
    const known = this.#differences.get(table) ?? rowDifference(was, now)
    this.#differences.set(table, known)
    return known
  }

  /** All rows of a leaf. */
  async #wholeOf({ table, query, tables }: Leaf, when: 'now' | 'was'): Promise<string> {
    if (table !== undefined) return this.#tables.get(table)![when].scanSql()
    const named = await Promise.all(tables.map(async name => ({ name, relation: await this.#tables.get(name)![when].scanSql() })))
    return over(named, await written(this.#connection, query!))
  }

  /** The rows of a leaf that the values concern. */
  async #leafRows(leaf: Leaf, { columns }: Cut, when: 'now' | 'was'): Promise<string> {
    const [whole, column] = [await this.#wholeOf(leaf, when), columns.get(leaf)]
    return column === undefined ? whole : `select l.* from (${whole}) as l where exists (select 1 from ${this.#values} as a where a.v is not distinct from l.${quoteIdentifier(column)})`
  }

  /** The query over its leaves, each by a name of its own. */
  async #overLeaves({ tree, leaves }: Cuttable, { columns }: Cut): Promise<string> {
    for (const [i, { place }] of leaves.entries()) {
      const alias = place['alias'] || place['table_name']
      for (const name of Object.keys(place)) delete (place as Record<string, unknown>)[name]
      Object.assign(place, { type: 'BASE_TABLE', alias, sample: null, schema_name: '', table_name: leafName(i), column_name_alias: [], catalog_name: '', at_clause: null })
    }
    if (leaves.some(leaf => !columns.has(leaf))) throw new Error('A cut leaves a part of its query out')
    return written(this.#connection, tree)
  }

  async #rows({ leaves }: Cuttable, text: string, cut: Cut, when: 'now' | 'was'): Promise<string> {
    const named = await Promise.all(leaves.map(async (leaf, i) => ({ name: leafName(i), relation: await this.#leafRows(leaf, cut, when) })))
    return over(named, text)
  }
}

/** A union may begin with a parenthesis, in front of which nothing is named. */
const over = (named: readonly ReadableInput[], text: string): string => queryOver(named, text) ?? queryOver(named, `select * from (${text}) as q`)!

const leafName = (i: number): string => `varve leaf ${i}`

async function parsed(connection: Connection, text: string): Promise<Tree> {
  const [row] = await connection.rows<{ tree: string }>(`select json_serialize_sql(${quoteLiteral(text)})::varchar as tree`)
  // JavaScript would round them.
  const tree = row!.tree.replace(/"query_location":\d+/g, '"query_location":0')
  if (/:-?\d{16,}/.test(tree)) throw new QueryFailed('it has numbers that are too long to be read here', text)
  const { statements } = JSON.parse(tree) as { statements?: readonly { node: Tree }[] }
  if (statements?.length !== 1) throw new QueryFailed('it is not one query', text)
  return withoutPlaces(statements[0]!.node)
}

/** The text of a tree; it has to be read as that very tree again. @throws {QueryFailed} */
async function written(connection: Connection, tree: Tree): Promise<string> {
  const [row] = await connection.rows<{ text: string }>(`select json_deserialize_sql(${quoteLiteral(JSON.stringify({ error: false, statements: [{ node: tree, named_param_map: [] }] }))}::json) as text`)
  const { text } = row!
  const again = await parsed(connection, text)
  if (JSON.stringify(again) !== JSON.stringify(withoutPlaces(tree))) throw new QueryFailed('it is told otherwise as text', text)
  return text
}

const withoutPlaces = (tree: Tree): Tree => JSON.parse(JSON.stringify(tree, (name, value: unknown) => (name === 'query_location' ? undefined : value))) as Tree
