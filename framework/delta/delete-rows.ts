import type { Connection } from '../duckdb/connection.ts'
import { removeOf, type AddFile, type DeletionVectorDescriptor, type RemoveFile } from './actions.ts'
import { bringVectors, deletedRows, writeDeletionVectors } from './deletion-vector.ts'
import { writing } from './writing.ts'
import { recordsOf } from './summaries.ts'

/** Marks rows as deleted, without touching the data files: the same files with other deletion vectors. @param rows a query of `__varve_file` (an index in `files`) and `__varve_row` */
export async function withDeletedRows(connection: Connection, root: string, files: readonly AddFile[], rows: string): Promise<{ adds: AddFile[]; removes: RemoveFile[] }> {
  const byFile = await rowsByFile(connection, rows)
  const now = Date.now()
  await bringVectors(root, [...byFile.keys()].map(index => files[index]!))
  const marked = [...byFile].map(([index, gone]) => {
    const file = files[index]!
    const all = file.deletionVector ? merged(deletedRows(root, file.deletionVector), gone) : gone
    return { file, all, empty: all.length > 0 && all.length === recordsOf(file) }
  })
  const alive = marked.filter(({ empty }) => !empty)
  const vectors = alive.length === 0 ? [] : await writing(root, () => writeDeletionVectors(root, alive.map(({ all }) => all)))
  return {
    adds: alive.map(({ file }, i) => withVector(file, vectors[i]!, now)),
    removes: marked.map(({ file }) => removeOf(file, now)),
  }
}

/** Rows a page of {@link rowsByFile}. */
const PAGE = 4096

/** The places by file, rising and each once. They come as bits, page by page, since a hundred thousand numbers cost many times that on their way into JavaScript. */
async function rowsByFile(connection: Connection, rows: string): Promise<Map<number, number[]>> {
  const pages = await connection.rows<{ file: number; page: number; bits: Uint8Array }>(`
    select __varve_file::integer as file, (__varve_row // ${PAGE})::double as page, bitstring_agg((__varve_row % ${PAGE})::integer, 0, ${PAGE - 1})::blob as bits from (${rows}) group by all order by all`)
  const byFile = new Map<number, number[]>()
  for (const { file, page, bits } of pages) {
    const places = byFile.get(file) ?? []
    byFile.set(file, places)
    bits.forEach((byte, at) => {
      for (let bit = 0; bit < 8; bit += 1) if (byte & (128 >> bit)) places.push(page * PAGE + at * 8 + bit)
    })
  }
  return byFile
}

const withVector = (file: AddFile, deletionVector: DeletionVectorDescriptor, now: number): AddFile =>
  ({ ...file, dataChange: true, modificationTime: now, deletionVector, stats: looseStats(file.stats) })

/** With rows taken out the bounds still hold, but are no longer met. */
const looseStats = (stats: string | undefined) => (stats === undefined ? undefined : stats.replace(/"tightBounds"\s*:\s*(?:true|false)\s*,?/, '').replace(/^\{/, '{"tightBounds":false,').replace(/,\}$/, '}'))

/** @param a and b rising @returns both, rising, each number once */
function merged(a: readonly number[], b: readonly number[]): number[] {
  const all: number[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [left = Infinity, right = Infinity] = [a[i], b[j]]
    all.push(Math.min(left, right))
    if (left <= right) i += 1
    if (right <= left) j += 1
  }
  return all
}
