import type { RowsetKind, ValueKind } from './lineage-graph.ts'

/** What flows through a plan: the columns of one operator's result, and what decided on its rows. */
export interface Relation {
  readonly columns: readonly Column[]
  /** Owned by the relation; the operator above takes it over and adds its own. */
  readonly rows: Rows
  /** What the rows are sorted by, which decides nothing until something looks at the order. */
  readonly order?: Column | undefined
}

/** Where a value comes from. */
export interface Column {
  readonly sources: Sources
  /** What decides which rows its value is made of, and no other column's: `over (partition by ...)`, `filter (where ...)`. */
  readonly rows: ReadonlyMap<number, number>
  /** Some of it is a column of this very query; some of it is one of the query around a correlated subquery. */
  readonly inner: boolean
  readonly outer: boolean
  /** Of a list written out, or of a constant: what each of its items may be. There are always as many. */
  readonly items?: Column | undefined
  /** Of a struct written out: its fields. */
  readonly fields?: readonly { readonly name: string; readonly column: Column }[] | undefined
}

/** By the number of a source column, the strongest kind of its hold; with {@link MASKED} where a mask lies on each of its paths. */
export type Sources = ReadonlyMap<number, number>

/** By source column and kind, whether it is masked. */
export type Rows = Map<number, number>

export const VALUE_KINDS = ['identity', 'transformation', 'aggregation'] as const satisfies readonly ValueKind[]
export const IDENTITY = 0
export const TRANSFORMATION = 1
export const AGGREGATION = 2
export const MASKED = 4

export const ROWSET_KINDS = ['join', 'filter', 'group_by', 'having', 'qualify', 'distinct', 'window', 'sort_limit', 'set_operation', 'unnest', 'unknown'] as const satisfies readonly RowsetKind[]
const SHIFT = 16
const WINDOW = ROWSET_KINDS.indexOf('window')

const EMPTY: ReadonlyMap<number, number> = new Map()

/** The column of a constant. */
export const NOTHING: Column = { sources: EMPTY, rows: EMPTY, inner: false, outer: false, items: { sources: EMPTY, rows: EMPTY, inner: false, outer: false } }

/** A column of a table, as it is. */
export const sourceColumn = (id: number): Column => ({ sources: new Map([[id, IDENTITY]]), rows: EMPTY, inner: true, outer: false })

/** All columns as one, which may stand for any of them. */
export function either(columns: readonly Column[]): Column {
  if (columns.length === 1) return columns[0]!
  return {
    sources: merged(columns.map(({ sources }) => sources)),
    rows: merged(columns.map(({ rows }) => rows)),
    inner: columns.some(({ inner }) => inner),
    outer: columns.some(({ outer }) => outer),
    items: eitherOf(columns.map(({ items }) => items)),
    fields: fieldsOf(columns),
  }
}

const eitherOf = (columns: readonly (Column | undefined)[]): Column | undefined => (columns.length > 0 && columns.every(column => column !== undefined) ? either(columns) : undefined)

/** Field by field, where all are structs of the same fields. */
function fieldsOf([first, ...others]: readonly Column[]): Column['fields'] {
  if (!first?.fields || !others.every(({ fields }) => fields?.length === first.fields!.length && fields.every(({ name }, i) => name === first.fields![i]!.name))) return undefined
  return first.fields.map(({ name, column }, i) => ({ name, column: either([column, ...others.map(({ fields }) => fields![i]!.column)]) }))
}

/** A value computed from the columns; at least of that kind. */
export function computed(columns: readonly Column[], kind: number): Column {
  const { sources, rows, inner, outer, items } = either(columns)
  return { sources: raised(sources, kind), rows, inner, outer, items: items && sources.size === 0 ? items : undefined }
}

/** The column behind a mask. */
export const masked = (column: Column): Column => ({ ...column, sources: new Map([...column.sources].map(([id, strength]) => [id, strength | MASKED])), items: undefined, fields: undefined })

/** The column, on whose value also depends on which rows there are. */
export const withRows = (column: Column, rows: ReadonlyMap<number, number>): Column => (rows.size === 0 ? column : within(column, each => ({ ...each, rows: merged([each.rows, rows]) })))

/** The column as one of the query around. */
export const fromOutside = (column: Column): Column => within(column, each => ({ ...each, inner: false, outer: true }))

/** The column as one of this query's own. */
export const settled = (column: Column): Column => (column.outer ? within(column, each => ({ ...each, inner: true, outer: false })) : column)

/** The column as a value that was chosen by others: a list of it has as many items as there were. */
export const loose = (column: Column): Column => (column.items || column.fields ? within(column, each => ({ ...each, items: undefined })) : column)

/** The column, its items and its fields, each changed alike. */
export const within = (column: Column, change: (column: Column) => Column): Column =>
  change({ ...column, items: column.items && within(column.items, change), fields: column.fields?.map(({ name, column: field }) => ({ name, column: within(field, change) })) })

/** One item of a list of known length. */
export const item = ({ rows, inner, outer }: Column, items: Column): Column => within(items, each => ({ ...each, rows: merged([rows, each.rows]), inner, outer }))

/** Adds that the column decides on the rows. What a window looks at decides by the QUALIFY or LIMIT that asks for its value. */
export function decide(rows: Rows, column: Column, kind: RowsetKind): void {
  const number = ROWSET_KINDS.indexOf(kind)
  for (const [id, strength] of column.sources) add(rows, id * SHIFT + number, strength & MASKED)
  for (const [key, strength] of column.rows) add(rows, (kind === 'qualify' || kind === 'sort_limit') && key % SHIFT === WINDOW ? key - WINDOW + number : key, strength)
}

export function addAll(rows: Rows, more: ReadonlyMap<number, number>): void {
  for (const [key, strength] of more) add(rows, key, strength)
}

/** The source, kind and mask of each entry. */
export const rowEntries = (rows: ReadonlyMap<number, number>): { id: number; kind: RowsetKind; masked: boolean }[] =>
  [...rows].map(([key, strength]) => ({ id: Math.floor(key / SHIFT), kind: ROWSET_KINDS[key % SHIFT]!, masked: strength === MASKED }))

export const raised = (sources: Sources, kind: number): Sources =>
  kind === IDENTITY || sources.size === 0 ? sources : new Map([...sources].map(([id, strength]) => [id, Math.max(strength & 3, kind) | (strength & MASKED)]))

function merged(maps: readonly ReadonlyMap<number, number>[]): ReadonlyMap<number, number> {
  const filled = maps.filter(({ size }) => size > 0)
  if (filled.length < 2) return filled[0] ?? EMPTY
  const all = new Map<number, number>()
  for (const map of filled) for (const [key, strength] of map) add(all, key, strength)
  return all
}

/** The stronger kind wins; a mask counts only where it lies on both paths. */
function add(map: Map<number, number>, key: number, strength: number): void {
  const before = map.get(key)
  map.set(key, before === undefined ? strength : Math.max(before & 3, strength & 3) | (before & strength & MASKED))
}
