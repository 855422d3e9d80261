import type { AddFile } from './actions.ts'
import { parseExact } from './exact-json.ts'
import { partitionValue } from './partition-value.ts'
import { physicalName, type DeltaType, type MappingMode, type StructField } from './schema-types.ts'

/** A file's statistics, parsed. Numbers with more digits than a double holds are texts. */
export interface FileStats {
  readonly numRecords?: number | undefined
  readonly tightBounds?: boolean | undefined
  readonly minValues?: StatValues | undefined
  readonly maxValues?: StatValues | undefined
  readonly nullCount?: StatValues | undefined
}

export interface StatValues {
  readonly [column: string]: StatValue
}

export type StatValue = number | string | boolean | null | StatValues

/** Statistics are a help only: those that are no JSON count as none. */
export function statsOf(file: AddFile): FileStats {
  if (!file.stats) return {}
  try {
    return (parseExact(file.stats) as FileStats) ?? {}
  } catch {
    return {}
  }
}

/** Rows in the file, deleted ones included; 0 where it does not say. */
export const recordsOf = (file: AddFile): number => Number(/"numRecords"\s*:\s*(\d+)/.exec(file.stats ?? '')?.[1] ?? 0)

export interface Bounds {
  /** As JSON has it: a number, or text for texts, dates, instants and long numbers. */
  readonly min: number | string
  readonly max: number | string
}

/** The NULLs of a top-level column over all files; undefined where a file does not prove it. A deleted row may have been one of them, so a vector leaves only zero provable. */
export function columnNulls(files: Iterable<AddFile>, field: StructField, mode: MappingMode, partitioned: boolean): number | undefined {
  const physical = physicalName(field, mode)
  let total = 0
  for (const file of files) {
    const { numRecords, nullCount } = statsOf(file)
    const nulls = partitioned ? (partitionValue(file, field, mode) === null ? numRecords : 0) : nullCount?.[physical]
    if (typeof nulls !== 'number' || (file.deletionVector && nulls > 0)) return undefined
    total += nulls
  }
  return total
}

/** The least and greatest bound of a top-level column. Files whose rows are all NULL count for nothing; a file without bounds makes it unknown. */
export function columnBounds(files: Iterable<AddFile>, field: StructField, mode: MappingMode, partitioned: boolean): Bounds | undefined {
  const physical = physicalName(field, mode)
  const { type } = field
  let bounds: Bounds | undefined
  for (const file of files) {
    const { numRecords, nullCount, minValues, maxValues } = statsOf(file)
    const value = partitioned ? partitionValue(file, field, mode) : null
    if (partitioned && value === null) continue
    if (!partitioned && numRecords !== undefined && nullCount?.[physical] === numRecords) continue
    const min = partitioned ? value : minValues?.[physical]
    const max = partitioned ? value : maxValues?.[physical]
    if ((typeof min !== 'number' && typeof min !== 'string') || (typeof max !== 'number' && typeof max !== 'string')) return undefined
    bounds = bounds === undefined ? { min, max } : { min: compareStats(min, bounds.min, type) < 0 ? min : bounds.min, max: compareStats(max, bounds.max, type) > 0 ? max : bounds.max }
  }
  return bounds
}

/** Orders two statistics as Delta does: numbers by value whatever their length, texts by their UTF-8 bytes. */
export function compareStats(a: number | string, b: number | string, type: DeltaType): number {
  if (type === 'string' || (typeof type === 'string' && /^(?:date|timestamp|char|varchar|string)/.test(type))) return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return compareNumbers(String(a), String(b))
}

function compareNumbers(a: string, b: string): number {
  const scale = Math.max(fraction(a).length, fraction(b).length)
  const [left, right] = [scaled(a, scale), scaled(b, scale)]
  if (left === undefined || right === undefined) return Number(a) - Number(b)
  return left < right ? -1 : left > right ? 1 : 0
}

const fraction = (text: string) => text.split('.')[1] ?? ''
const scaled = (text: string, scale: number) => (/^-?\d+(?:\.\d+)?$/.test(text) ? BigInt(text.replace('.', '') + '0'.repeat(scale - fraction(text).length)) : undefined)
