import type { Connection } from '../duckdb/connection.ts'
import { removeOf, type AddFile, type DeletionVectorDescriptor, type RemoveFile } from './actions.ts'
import { bringVectors, deletedRows, writeDeletionVectors } from './deletion-vector.ts'
import { writing } from './writing.ts'
import { recordsOf } from './summaries.ts'

/** Marks rows as deleted, without touching the data files: the same files with other deletion vectors. @param rows a query of `__varve_file` (an index in `files`) and `__varve_row` */
export async function withDeletedRows(connection: Connection, root: string, files: readonly AddFile[], rows: string): Promise<{ adds: AddFile[]; removes: RemoveFile[] }> {
  const byFile = new Map<number, number[]>()
  for await (const [indexes = [], places = []] of connection.columns(`select distinct __varve_file::integer as f, __varve_row::double as r from (${rows}) order by f, r`)) {
    indexes.forEach((index, i) => {
      const known = byFile.get(index as number)
      if (known) known.push(places[i] as number)
      else byFile.set(index as number, [places[i] as number])
    })
  }
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

const withVector = (file: AddFile, deletionVector: DeletionVectorDescriptor, now: number): AddFile =>
  ({ ...file, dataChange: true, modificationTime: now, deletionVector, stats: looseStats(file.stats) })

/** With rows taken out the bounds still hold, but are no longer met. */
const looseStats = (stats: string | undefined) => (stats === undefined ? undefined : stats.replace(/"tightBounds"\s*:\s*(?:true|false)\s*,?/, '').replace(/^\{/, '{"tightBounds":false,').replace(/,\}$/, '}'))

function merged(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y)
}
