import { randomUUID } from 'node:crypto'
import { rowDifference, type RowDifference } from '../delta/rows-since.ts'
import { duckdbType } from '../delta/schema.ts'
import { fieldNamed } from '../delta/schema-types.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import type { Connection } from '../duckdb/connection.ts'
import type { Database } from '../duckdb/database.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import { queryOver, type ReadableInput } from '../engines/query-over.ts'
import { cuttable, type Cut, type Cuttable, type Leaf, type Lookup } from '../graph/key-cuts.ts'
import { areHandedOn, type Tree } from '../graph/settled-query.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { parsed, withoutPlaces, written } from './query-tree.ts'

/** A table that a query names: as it was when it was read last, and as it is now. */
export interface TableThenAndNow {
  readonly was: Snapshot
  readonly now: Snapshot
  readonly changed: boolean
  /** A condition on its columns: other rows are none of the query's business, then as now. */
  readonly where?: string | undefined
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
    if (!query) return undefined
    this.#tree = query.tree
    const names = cutsBy(query, key)
    const single = names.length === 1 ? names[0] : undefined
    const byKey = names.length > 1 ? together(names) : undefined
    const best = byKey ? undefined : this.#best(query, single)
    const cut = await this.#ofOneType(byKey ?? (best && together([best])))
    const values = cut && (await this.#keepValues(cut, most, byKey !== undefined || best === single))
    if (!cut || values === undefined) return undefined
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

  /** Keeps the values whose rows may be otherwise. @returns how many, undefined where that can't be told or is too much; `single` says that a value is of no more than one row */
  async #keepValues(cut: Cuts, most: number, single: boolean): Promise<number | undefined> {
    const changed = await this.#changedValues(cut)
    if (changed === undefined) return undefined
    const [leaf, columns] = [...cut.columns].find(([, names]) => names !== undefined)!
    const none = `select ${columns!.map((column, i) => `${quoteIdentifier(column)} as v${i}`).join(', ')} from (${await this.#wholeOf(leaf, 'now')}) as l where false`
    await this.#connection.run(`create table ${this.#values} as select distinct * from (${[none, ...changed].join(' union all ')})`, { signal: this.#signal })
    const [counted] = await this.#connection.rows<{ n: bigint }>(`select count(*) as n from ${this.#values}`)
    const values = Number(counted!.n)
    if (values > most) return undefined
    return single || values <= FEW || !(await this.#areMostOf(cut)) ? values : undefined
  }

  /** Whether the values are of most of the rows that they cut: then a part is as much work as the whole, and comes on top of finding it. */
  async #areMostOf({ columns }: Cuts): Promise<boolean> {
    const leaves = [...columns].filter(([, names]) => names !== undefined)
    const counts = await Promise.all(leaves.map(async ([leaf, names]) => `select count(*) as n, count(*) filter (${rowOf(names!)} in (select ${rowOf(names!.map((_, i) => `v${i}`), 'a')} from ${this.#values} as a)) as m from (${await this.#wholeOf(leaf, 'now')}) as l`))
    const [row] = await this.#connection.rows<{ most: boolean }>(`select coalesce(sum(m) > sum(n) * ${WORTH_A_PART}, false) as most from (${counts.join(' union all ')})`, { signal: this.#signal })
    return row!.most
  }

  /** The cut by the column that names the result's rows, and then the one that leaves the fewest leaves as they are, if those are not known to have changed. */
  #best({ cuts }: Cuttable, single: Cut | undefined): Cut | undefined {
    const cost = (cut: Cut) => {
      const { columns, lookups } = cut
      const found = new Set(lookups.flatMap(({ of }) => [...of.keys()]))
      let sum = cut === single ? 0 : LOOKED_UP * 2
      for (const [leaf, column] of columns) {
        if (column !== undefined || !this.#mayDiffer(leaf)) continue
        if (found.has(leaf)) sum += LOOKED_UP
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
  async #ofOneType(cut: Cuts | undefined): Promise<Cuts | undefined> {
    if (!cut) return undefined
    for (let i = 0; i < cut.width; i += 1) if (!(await this.#areOfOneType([...cut.columns].flatMap(([leaf, names]) => (names === undefined ? [] : [{ leaf, column: names[i]! }]))))) return undefined
    const lookups: Lookup[] = []
    for (const { leaf, driver, via, of } of cut.lookups) {
      const alike: number[] = []
      for (const [i, column] of via.entries()) if (await this.#areOfOneType([{ leaf, column }, ...[...of].map(([each, columns]) => ({ leaf: each, column: columns[i]! }))])) alike.push(i)
      if (alike.length === 0) return undefined
      lookups.push({ leaf, driver, via: alike.map(i => via[i]!), of: new Map([...of].map(([each, columns]) => [each, alike.map(i => columns[i]!)])) })
    }
    return { ...cut, lookups }
  }

  async #areOfOneType(columns: readonly { readonly leaf: Leaf; readonly column: string }[]): Promise<boolean> {
    const types = new Set<string>()
    for (const { leaf, column } of columns) types.add(await this.#typeOf(leaf, column))
    return types.size === 1 && ![...types].some(type => /FLOAT|DOUBLE|[[(]/.test(type) && !type.startsWith('DECIMAL'))
  }

  async #typeOf(leaf: Leaf, column: string): Promise<string> {
    const field = leaf.table === undefined ? undefined : fieldNamed(this.#tables.get(leaf.table)!.now.schema, column)
    if (field) return duckdbType(field.type)
    const described = await this.#connection.describe(await this.#wholeOf(leaf, 'now'))
    return described.find(({ name }) => name.toLowerCase() === column)!.type
  }

  /** SELECTs of the values whose rows may be otherwise; undefined where a leaf is not as it was that nothing cuts. */
  async #changedValues({ columns, lookups }: Cuts): Promise<readonly string[] | undefined> {
    const found: string[] = []
    for (const [leaf, names] of columns) {
      if (!this.#mayDiffer(leaf)) continue
      if (names !== undefined) {
        const values = await this.#differing(leaf, names)
        if (values === undefined) return undefined
        found.push(values)
      } else if (!lookups.some(({ of }) => of.has(leaf)) && (await this.#isOtherwise(leaf))) return undefined
    }
    for (const { leaf, driver, via, of } of lookups) {
      const values: string[] = []
      for (const [looked, columns] of of) {
        if (!this.#mayDiffer(looked)) continue
        const told = await this.#differing(looked, columns)
        if (told === undefined) return undefined
        values.push(told)
      }
      if (values.length > 0) found.push(`select l.${quoteIdentifier(driver)} as v0 from (${await this.#wholeOf(leaf, 'now')}) as l where exists (select 1 from (${values.join(' union all ')}) as looked where ${via.map((name, i) => `looked.v${i} = l.${quoteIdentifier(name)}`).join(' and ')})`)
    }
    return found
  }

  /** A SELECT of the values of columns of the rows that came or went, as `v0`, `v1` ... */
  async #differing(leaf: Leaf, columns: readonly string[]): Promise<string | undefined> {
    if (leaf.table !== undefined) return (await this.#difference(leaf.table))?.of(columns)
    const told = this.#aside.size > 0 && areHandedOn(this.#tree, this.#aside, leaf.place) ? leaf.columns.filter(each => columns.includes(each) || !this.#aside.has(each)) : leaf.columns
    const row = `hash(${told.map(each => `q.${quoteIdentifier(each)}`).join(', ')})`
    const side = async (when: 'now' | 'was', sign: number) => `select ${columns.map((name, i) => `q.${quoteIdentifier(name)} as v${i}`).join(', ')}, ${row} as h, ${sign} as n from (${await this.#wholeOf(leaf, when)}) as q`
    const values = columns.map((_, i) => `v${i}`).join(', ')
    return `select ${values} from (${await side('now', 1)} union all ${await side('was', -1)}) as sides group by ${values}, h having sum(n) <> 0`
  }

  async #isOtherwise(leaf: Leaf): Promise<boolean> {
    const values = await this.#differing(leaf, [leaf.columns[0]!])
    return values === undefined || (await this.#connection.rows(`select 1 from (${values}) limit 1`, { signal: this.#signal })).length > 0
  }

  #difference(table: string): Promise<RowDifference | undefined> {
    const { was, now, where } = this.#tables.get(table)!
    const known = this.#differences.get(table) ?? rowDifference(was, now, where)
    this.#differences.set(table, known)
    return known
  }

  /** All rows of a leaf. */
  async #wholeOf({ table, query, tables }: Leaf, when: 'now' | 'was'): Promise<string> {
    if (table !== undefined) return this.#rowsOf(table, when)
    const named = await Promise.all(tables.map(async name => ({ name, relation: await this.#rowsOf(name, when) })))
    return over(named, await written(this.#connection, query!))
  }

  #rowsOf(table: string, when: 'now' | 'was'): Promise<string> {
    const { [when]: snapshot, where } = this.#tables.get(table)!
    return snapshot.scanSql({ filter: where })
  }

  /** The rows of a leaf that the values concern. */
  async #leafRows(leaf: Leaf, { columns }: Cuts, when: 'now' | 'was'): Promise<string> {
    const [whole, names] = [await this.#wholeOf(leaf, when), columns.get(leaf)]
    return names === undefined ? whole : `select l.* from (${whole}) as l where exists (select 1 from ${this.#values} as a where ${names.map((name, i) => `a.v${i} is not distinct from l.${quoteIdentifier(name)}`).join(' and ')})`
  }

  /** The query over its leaves, each by a name of its own. */
  async #overLeaves({ tree, leaves }: Cuttable, { columns }: Cuts): Promise<string> {
    for (const [i, { place }] of leaves.entries()) {
      const alias = place['alias'] || place['table_name']
      for (const name of Object.keys(place)) delete (place as Record<string, unknown>)[name]
      Object.assign(place, { type: 'BASE_TABLE', alias, sample: null, schema_name: '', table_name: leafName(i), column_name_alias: [], catalog_name: '', at_clause: null })
    }
    if (leaves.some(leaf => !columns.has(leaf))) throw new Error('A cut leaves a part of its query out')
    return written(this.#connection, tree)
  }

  async #rows({ leaves }: Cuttable, text: string, cut: Cuts, when: 'now' | 'was'): Promise<string> {
    const named = await Promise.all(leaves.map(async (leaf, i) => ({ name: leafName(i), relation: await this.#leafRows(leaf, cut, when) })))
    return over(named, text)
  }
}

/** A query that is cut by columns one after another, so that what is left hangs on the values that they have together. */
interface Cuts {
  readonly width: number
  readonly columns: ReadonlyMap<Leaf, readonly string[] | undefined>
  readonly lookups: readonly Lookup[]
}

/** By each column of a key that comes out as it is, a cut; empty where one has none. */
function cutsBy({ cuts, origin }: Cuttable, key: readonly string[]): readonly Cut[] {
  const found = key.flatMap(name => {
    const of = origin(name.toLowerCase())
    return (of && cuts.find(({ columns }) => columns.get(of.leaf) === of.column)) ?? []
  })
  return found.length === key.length ? found : []
}

/** Several cuts as one, where each reaches all leaves; a single one as it is. */
function together(cuts: readonly Cut[]): Cuts | undefined {
  const [first, ...others] = cuts
  if (!first) return undefined
  if (others.length > 0 && cuts.some(({ columns, lookups }) => lookups.length > 0 || [...columns.values()].includes(undefined))) return undefined
  return { width: cuts.length, lookups: first.lookups, columns: new Map([...first.columns].map(([leaf, column]) => [leaf, column === undefined ? undefined : cuts.map(({ columns }) => columns.get(leaf)!)])) }
}

const rowOf = (names: readonly string[], alias = 'l'): string => (names.length === 1 ? `${alias}.${quoteIdentifier(names[0]!)}` : `(${names.map(name => `${alias}.${quoteIdentifier(name)}`).join(', ')})`)

/** A union may begin with a parenthesis, in front of which nothing is named. */
const over = (named: readonly ReadableInput[], text: string): string => queryOver(named, text) ?? queryOver(named, `select * from (${text}) as q`)!

const leafName = (i: number): string => `varve leaf ${i}`

/** So few values are not worth counting rows for, and of more so many of the rows that they cut are not worth a part. */
const [FEW, WORTH_A_PART] = [10, 0.25]
/** What it costs to look values up, where to leave a query within the query as it is costs 10. */
const LOOKED_UP = 1
