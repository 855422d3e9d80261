import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { WrittenFile } from '../duckdb/copy-to-parquet.ts'
import { mirrorOf } from '../objects/mirror.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import type { AddFile, PartitionValues } from './actions.ts'
import { beginSync } from './durable.ts'
import { statisticsJson } from './file-statistics.ts'
import { partitionText } from './partition-value.ts'
import { fieldNamed, physicalName, type MappingMode, type StructType } from './schema-types.ts'
import { encodePath, partitionFolder } from './table-paths.ts'

export interface AdoptOptions {
  readonly mapping?: MappingMode | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
  /** Default: now, in milliseconds. */
  readonly now?: number | undefined
  /** false where rows were only moved from other files of the table. */
  readonly dataChange?: boolean | undefined
  /** Below the root. Default: the root itself. */
  readonly folder?: string | undefined
  /** The partition that all files are of, by physical name and as the log has it. Default: as the writer says of each file. */
  readonly partition?: PartitionValues | undefined
}

/** A folder below a table's root to write files into before they are adopted: hidden from every reader, on the same disk, cleared by VACUUM. */
export const stagingFolder = (root: string): string => join(root, STAGING, randomUUID())

const STAGING = '_staging'

/** How the names of files begin that an engine puts right into a table's folder: {@link adoptFiles} leaves them there. No two writers have the same. */
export const placePrefix = (): string => `part-${randomUUID()}-`

/** Moves files that were written to a staging folder to their places in the table, and describes them. Nothing is visible before a commit says so, and the log commits nothing before they are durable. Files that an engine left in a lake elsewhere stay where they are. */
export function adoptFiles(root: string, written: readonly WrittenFile[], schema: StructType, partitionColumns: readonly string[], options: AdoptOptions = {}): AddFile[] {
  const { mapping = 'none', properties = {}, now = Date.now(), dataChange = true } = options
  const indexedColumns = Number(properties['delta.dataSkippingNumIndexedCols'] ?? 32)
  const folders = new Set<string>()
  const described = (file: WrittenFile, place: string, values: readonly (readonly [string, string | null])[]): AddFile => ({
    path: encodePath(place),
    partitionValues: Object.fromEntries(values),
    size: file.bytes,
    modificationTime: now,
    dataChange,
    stats: statisticsJson(file.rows, file.columnStats, schema, { mapping, indexedColumns, partitionColumns }),
  })
  const mirror = mirrorOf(root)
  const adds = written.map(file => {
    const values = partitionColumns.map(column => {
      const field = fieldNamed(schema, column)!
      if (options.partition) return [physicalName(field, mapping), options.partition[physicalName(field, mapping)] ?? null] as const
      return [physicalName(field, mapping), partitionText(file.partitionValues[column] ?? file.partitionValues[physicalName(field, mapping)] ?? null, field.type)] as const
    })
    // An engine may choose folders of its own.
    const own = relative(root, file.path).split(sep)
    if (mirror && !existsSync(file.path)) return described(file, own.join('/'), values)
    const folder = [...(options.folder ? [options.folder] : []), ...(values.length > 0 ? [partitionFolder(values)] : [])].join('/')
    const isThere = own[0] !== '..' && own[0] !== STAGING
    const name = basename(file.path).replace(/(?:\.parquet)?$/, '-c000.zstd.parquet')
    const place = isThere ? own.join('/') : folder === '' ? name : `${folder}/${name}`
    const target = join(root, place)
    if (!isThere) {
      mkdirSync(dirname(target), { recursive: true })
      renameSync(file.path, target)
    }
    beginSync(root, target)
    folders.add(dirname(target))
    crashpoint('file-adopted')
    return described(file, place, values)
  })
  if (!mirror) for (const folder of folders) beginSync(root, folder)
  for (const folder of new Set(written.flatMap(file => stagingPart(root, file.path) ?? []))) rmSync(folder, { recursive: true, force: true })
  crashpoint('files-adopted')
  return adds
}

/** The one staging folder that a file was written to. */
function stagingPart(root: string, path: string): string | undefined {
  const [first, second] = relative(root, path).split(sep)
  return first === STAGING && second ? join(root, STAGING, second) : undefined
}
