import { randomUUID } from 'node:crypto'
import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { fileKey, removeOf, type AddFile } from './actions.ts'
import { SchemaMismatch } from './delta-errors.ts'
import { fieldNamed } from './schema-types.ts'
import { filesThatMayMatch } from './skipping.ts'
import type { Snapshot } from './snapshot.ts'
import { recordsOf } from './summaries.ts'
import type { TableChange } from './table-change.ts'
import { byteCount, writeDataFiles } from './write-data-files.ts'

export interface OptimizeOptions {
  /** Only partitions that may match this condition on partition columns. */
  readonly where?: string | undefined
  /** Files smaller than three quarters of this are packed together. In bytes; default `delta.targetFileSize`, else 128 MiB. */
  readonly targetFileSize?: number | undefined
  /** Lays the rows along a curve through these columns, so that filters on any of them skip files. Rewrites all files. */
  readonly zorderBy?: readonly string[] | undefined
  /** Files of which more than this part is deleted are rewritten, whatever their size. Default 0.05. */
  readonly maxDeletedRatio?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface StagedOptimize {
  readonly change: TableChange
  readonly metrics: { readonly filesBefore: number; readonly filesAfter: number; readonly bytesBefore: number; readonly bytesAfter: number; readonly deletionVectorsRemoved: number }
}

/** Rearranges rows into fewer, fuller files without changing the content: no reader sees another row. Deletion vectors of what is rewritten go. */
export async function stageOptimize(connection: Connection, base: Snapshot, options: OptimizeOptions = {}): Promise<StagedOptimize> {
  const target = options.targetFileSize ?? byteCount(base.properties['delta.targetFileSize']) ?? 128 * 1024 * 1024
  const chosen = options.where === undefined ? [...base.files] : await filesThatMayMatch(connection, base, base.files, { text: options.where })
  const columns = (options.zorderBy ?? []).map(name => zorderColumn(base, name))
  const adds: AddFile[] = []
  const removed: AddFile[] = []
  for (const partition of groups(chosen, file => JSON.stringify(file.partitionValues))) {
    const bins = columns.length > 0 ? [partition] : binsOf(partition, target, options.maxDeletedRatio ?? 0.05)
    for (const bin of bins) {
      const scan = await base.scanSql({ files: bin })
      const query = columns.length > 0 ? await zordered(connection, scan, columns) : scan
      adds.push(...await writeDataFiles(connection, query, base, { targetFileSize: target, dataChange: false, partition: bin[0]!.partitionValues, rowGroupSize: rowGroupSize(bin, target), signal: options.signal }))
      removed.push(...bin)
    }
  }
  const now = Date.now()
  return {
    change: {
      adds, removes: removed.map(file => removeOf(file, now, false)), reads: { kind: 'files', keys: removed.map(fileKey), partitions: [] },
      metrics: { numAddedFiles: adds.length, numRemovedFiles: removed.length, numAddedBytes: bytes(adds), numRemovedBytes: bytes(removed) },
    },
    metrics: {
      filesBefore: removed.length, filesAfter: adds.length, bytesBefore: bytes(removed), bytesAfter: bytes(adds),
      deletionVectorsRemoved: removed.filter(file => file.deletionVector).length,
    },
  }
}

/** Small files of one partition, packed first-fit into bins of the target size, and those of which too much is deleted. A bin of one whole file is none. */
function binsOf(files: readonly AddFile[], target: number, maxDeletedRatio: number): AddFile[][] {
  const bins: { bytes: number; files: AddFile[] }[] = []
  const worn = (file: AddFile) => Number(file.deletionVector?.cardinality ?? 0) > recordsOf(file) * maxDeletedRatio
  for (const file of files.filter(each => each.size < target * 0.75 || worn(each)).sort((a, b) => a.size - b.size)) {
    const bin = bins.find(each => each.bytes + file.size <= target)
    if (bin) {
      bin.bytes += file.size
      bin.files.push(file)
    } else bins.push({ bytes: file.size, files: [file] })
  }
  return bins.map(bin => bin.files).filter(bin => bin.length > 1 || worn(bin[0]!))
}

/** DuckDB closes a file between row groups only, so for small files these must be small too. */
function rowGroupSize(files: readonly AddFile[], target: number): number | undefined {
  const rows = files.reduce((total, file) => total + recordsOf(file), 0)
  const fitting = Math.floor((rows / Math.max(1, bytes(files))) * target)
  return rows > 0 && fitting < 122_880 ? Math.max(2048, fitting) : undefined
}

const RANKS = 1024

/** The rows ordered by the interleaved bits of each column's rank among 1024 quantiles. The ranks come from a sample, by an ASOF join. */
async function zordered(connection: Connection, scan: string, columns: readonly string[]): Promise<string> {
  const bits = Math.ceil(Math.log2(RANKS))
  const ranked = columns.map((column, i) => {
    const name = quoteIdentifier(column)
    return `asof left join (select v as v${i}, row_number() over (order by v) as r${i} from (select distinct unnest(quantile_disc(${name}, [${quantiles()}])) as v from (${scan}) using sample 200000 rows) where v is not null) as q${i} on t.${name} >= q${i}.v${i}`
  })
  const interleaved = Array.from({ length: bits }, (_, bit) => columns.map((_, i) => `(((r${i} >> ${bit}) & 1) << ${bit * columns.length + i})`)).flat()
  const table = `zorder_${randomUUID().replaceAll('-', '')}`
  const described = (await connection.describe(scan)).map(({ name }) => quoteIdentifier(name))
  return `select ${described.join(', ')} from (select t.*, ${interleaved.join(' + ')} as ${table} from (select t.*, ${columns.map((_, i) => `coalesce(r${i}, 0)::hugeint as r${i}`).join(', ')} from (${scan}) as t ${ranked.join(' ')}) as t) order by ${table}`
}

const quantiles = () => Array.from({ length: RANKS - 1 }, (_, i) => ((i + 1) / RANKS).toFixed(6)).join(', ')

function zorderColumn(base: Snapshot, name: string): string {
  const field = fieldNamed(base.schema, name)
  if (!field) throw new SchemaMismatch(`${base.root} has no column ${name}.`, `It has ${base.schema.fields.map(known => known.name).join(', ')}.`, name)
  if (typeof field.type !== 'string' || base.partitionColumns.includes(field.name)) throw new SchemaMismatch(`Rows cannot be laid out by column ${name}.`, 'Choose plain columns that the table is not partitioned by.', name)
  return field.name
}

function groups(files: readonly AddFile[], key: (file: AddFile) => string): AddFile[][] {
  const found = new Map<string, AddFile[]>()
  for (const file of files) found.set(key(file), [...(found.get(key(file)) ?? []), file])
  return [...found.values()]
}

const bytes = (files: readonly AddFile[]) => files.reduce((total, file) => total + file.size, 0)
