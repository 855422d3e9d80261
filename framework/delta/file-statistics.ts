import { isStruct, physicalName, type DeltaType, type MappingMode, type StructType } from './schema-types.ts'

/** What DuckDB tells of a column of a file that it wrote: see `WrittenFile`. */
export type WrittenColumnStats = Readonly<Record<string, Readonly<Record<string, string | null>>>>

export interface StatisticsOptions {
  readonly mapping?: MappingMode | undefined
  /** How many leaf columns get statistics, `delta.dataSkippingNumIndexedCols`; -1 for all. Default 32. */
  readonly indexedColumns?: number | undefined
  /** Columns that stand in the path, not in the file. */
  readonly partitionColumns?: readonly string[] | undefined
}

/** The Delta statistics of a file as JSON text, with every digit of long numbers, from what the writer gathered anyway. */
export function statisticsJson(rows: number, columns: WrittenColumnStats, schema: StructType, options: StatisticsOptions = {}): string {
  const types = indexedLeaves(schema, options)
  const min: Tree = new Map()
  const max: Tree = new Map()
  const nulls: Tree = new Map()
  for (const [quoted, stats] of Object.entries(columns)) {
    const path = unquoted(quoted)
    const type = types.get(path.join('\0'))
    if (type === undefined) continue
    if (stats['null_count'] !== undefined && stats['null_count'] !== null) plant(nulls, path, stats['null_count'])
    const bounds = boundsOf(type, stats)
    if (bounds.min !== undefined) plant(min, path, bounds.min)
    if (bounds.max !== undefined) plant(max, path, bounds.max)
  }
  return `{"numRecords":${rows},"minValues":${json(min)},"maxValues":${json(max)},"nullCount":${json(nulls)}}`
}

type Tree = Map<string, Tree | string>

function indexedLeaves(schema: StructType, { mapping = 'none', indexedColumns = 32, partitionColumns = [] }: StatisticsOptions): ReadonlyMap<string, DeltaType> {
  const leaves = new Map<string, DeltaType>()
  const visit = (struct: StructType, path: readonly string[]) => {
    for (const field of struct.fields) {
      if (path.length === 0 && partitionColumns.includes(field.name)) continue
      const here = [...path, physicalName(field, mapping)]
      if (isStruct(field.type)) visit(field.type, here)
      else if (indexedColumns < 0 || leaves.size < indexedColumns) leaves.set(here.join('\0'), field.type)
    }
  }
  visit(schema, [])
  return leaves
}

/** Each bound as JSON text. Left out where no true bound can be told. */
function boundsOf(type: DeltaType, stats: Readonly<Record<string, string | null>>): { readonly min?: string | undefined; readonly max?: string | undefined } {
  const { min, max } = stats
  if (typeof type !== 'string' || min === undefined || min === null || max === undefined || max === null) return {}
  if (/^(?:long|integer|short|byte|decimal.*)$/.test(type)) return { min, max }
  switch (type) {
    case 'float':
    case 'double': return { min: finite(min), max: stats['has_nan'] === 'true' ? undefined : finite(max) }
    case 'string': return { min: JSON.stringify(prefix(min)), max: upperBound(max) }
    case 'date': return { min: dateText(min), max: dateText(max) }
    case 'timestamp': return { min: instantText(min, 'Z'), max: instantText(max, 'Z') }
    case 'timestamp_ntz': return { min: instantText(min, ''), max: instantText(max, '') }
    default: return {}
  }
}

/** NaN and the infinities are no JSON; -0 and 0 are one value. */
function finite(text: string): string | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? String(value === 0 ? 0 : value) : undefined
}

const LONGEST = 32

/** The first 32 UTF-16 units, without cutting a character in two. A cut text is not above the whole one. */
function prefix(text: string): string {
  if (text.length <= LONGEST) return text
  const last = text.charCodeAt(LONGEST - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? LONGEST + 1 : LONGEST)
}

/** A cut text is below the whole one, so it gets a last character that is above all that were cut off: in the order of UTF-8 bytes. */
function upperBound(text: string): string {
  const cut = prefix(text)
  if (cut.length === text.length) return JSON.stringify(text)
  return JSON.stringify(cut + (text.charCodeAt(cut.length) < 0x7f ? '\u007f' : '\u{10FFFF}'))
}

const dateText = (text: string): string | undefined => (/^\d{4}-\d\d-\d\d$/.test(text) ? JSON.stringify(text) : undefined)

/** To the millisecond, cut downwards on both sides: readers add one to the upper one. */
function instantText(text: string, zone: string): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00)?$/.exec(text)
  return parts ? JSON.stringify(`${parts[1]}T${parts[2]}.${(parts[3] ?? '').padEnd(3, '0').slice(0, 3)}${zone}`) : undefined
}

const unquoted = (path: string): string[] => (path.match(/"(?:[^"]|"")*"/g) ?? []).map(part => part.slice(1, -1).replaceAll('""', '"'))

function plant(tree: Tree, path: readonly string[], value: string): void {
  let at = tree
  for (const step of path.slice(0, -1)) {
    const next = at.get(step)
    const below: Tree = next instanceof Map ? next : new Map()
    at.set(step, below)
    at = below
  }
  at.set(path.at(-1)!, value)
}

const json = (tree: Tree): string => `{${[...tree].map(([key, value]) => `${JSON.stringify(key)}:${value instanceof Map ? json(value) : value}`).join(',')}}`
