import type { BoundColumn, QueryLineage, RowsetEdge, ShadowTable, ValueEdge } from './column-lineage-data.ts'
import { PlanReader } from './column-lineage-operator.ts'
import type { PlanOperator } from './column-lineage-plan.ts'
import { MASKED, rowEntries, TRANSFORMATION, VALUE_KINDS, type Column } from './column-lineage-relation.ts'
import type { ShadowCatalog } from './column-lineage-shadow.ts'
import { planTypeText } from './column-lineage-type.ts'

/** The lineage in a plan that {@link bindQueries} made of a query over the tables, which lie in the catalog. */
export function lineageOfPlan(plan: PlanOperator, tables: readonly ShadowTable[], catalog: ShadowCatalog, masks: readonly string[]): QueryLineage {
  const sources = new SourceColumns(catalog)
  const everything = (): Column => sources.all(tables)
  const reader = new PlanReader(new Set(masks.map(mask => mask.toLowerCase())), path => sources.table(path), everything)
  const { columns: found, rows } = reader.relation(plan)
  const complete = reader.unknown.size === 0
  const columns = columnsOfPlan(plan, catalog).map(({ name, type }, i) => ({ name, type, from: sources.valueEdges(found[i] ?? everything()) }))
  const forAll = sources.rowEdges(rows)
  const forSome = columns.flatMap(({ name }, i) => sources.rowEdges(found[i]?.rows ?? new Map(), [name]))
  const rowset = complete ? forAll : [...forAll, ...allAsRows(tables)]
  return { columns, rowset: together(rowset, forSome), reads: [...sources.read].sort(), complete, unknown: [...reader.unknown].sort() }
}

/** The lineage of a query that has no plan: each of its columns may come from everything. */
export function lineageWithoutPlan(tables: readonly ShadowTable[], why: string, columns: readonly BoundColumn[] = []): QueryLineage {
  const everything = tables.flatMap(table => table.columns.map((column): ValueEdge => ({ table: table.name, column: column.name, kind: 'transformation', masked: false }))).sort(byName)
  return { columns: columns.map(({ name, type }) => ({ name, type, from: everything })), rowset: together(allAsRows(tables), []), reads: tables.map(({ name }) => name).sort(), complete: false, unknown: [why] }
}

/** Names and types of the columns that the plan's query gives. */
export const columnsOfPlan = ({ expressions = [] }: PlanOperator, catalog: ShadowCatalog): BoundColumn[] =>
  expressions.map(({ alias, child, return_type: type }) => ({ name: (alias || (child?.alias ?? '')).replaceAll(catalog.name, 'memory'), type: type ? planTypeText(type, catalog.keywords) : 'UNKNOWN' }))

/** Numbers for the columns of tables. */
class SourceColumns {
  readonly read = new Set<string>()
  readonly #names: { readonly table: string; readonly column: string }[] = []
  readonly #ids = new Map<string, number>()
  constructor(readonly catalog: ShadowCatalog) {}

  table(path: readonly string[]): (column: string) => number {
    const name = this.catalog.tableAt(path)?.name ?? path.filter(Boolean).join('.')
    this.read.add(name)
    return column => this.#numbered(name, column)
  }

  all(tables: readonly ShadowTable[]): Column {
    const ids = tables.flatMap(({ name, columns }) => columns.map(column => this.#numbered(name, column.name)))
    return { sources: new Map(ids.map(id => [id, TRANSFORMATION])), rows: new Map(), inner: true, outer: false }
  }

  valueEdges({ sources }: Column): ValueEdge[] {
    return [...sources].map(([id, strength]) => this.#edge(id, VALUE_KINDS[strength & 3]!, (strength & MASKED) !== 0)).sort(byName)
  }

  rowEdges(rows: ReadonlyMap<number, number>, only?: readonly string[]): RowsetEdge[] {
    return rowEntries(rows).map(({ id, kind, masked }) => Object.assign(this.#edge(id, kind, masked), only && { only }))
  }

  #edge<K>(id: number, kind: K, masked: boolean): { readonly table: string; readonly column: string; readonly kind: K; readonly masked: boolean } {
    const { table, column } = this.#names[id]!
    return { table, column, kind, masked }
  }

  #numbered(table: string, column: string): number {
    const key = JSON.stringify([table, column])
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.#names.length)
    return this.#names.push({ table, column }) - 1
  }
}

const allAsRows = (tables: readonly ShadowTable[]): RowsetEdge[] => tables.flatMap(({ name, columns }) => columns.map(column => ({ table: name, column: column.name, kind: 'unknown', masked: false })))

/** Each edge once: one for the whole result stands for those of single columns, and these for each other. */
function together(forAll: readonly RowsetEdge[], forSome: readonly RowsetEdge[]): RowsetEdge[] {
  const all = new Map(forAll.map(edge => [edgeKey(edge), edge]))
  const some = new Map<string, RowsetEdge>()
  for (const edge of forSome) {
    const key = edgeKey(edge)
    const whole = all.get(key)
    if (whole && (!whole.masked || edge.masked)) continue
    const before = some.get(key)
    some.set(key, before ? { ...before, masked: before.masked && edge.masked, only: [...before.only!, ...edge.only!] } : edge)
  }
  return [...all.values(), ...some.values()].sort(byName)
}

const edgeKey = ({ table, column, kind }: RowsetEdge): string => JSON.stringify([table, column, kind])

const byName = (a: SortableEdge, b: SortableEdge): number => order(a.table, b.table) || order(a.column, b.column) || order(a.kind, b.kind)
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
type SortableEdge = { readonly table: string; readonly column: string; readonly kind: string }
