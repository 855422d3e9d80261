import type { AddFile } from './actions.ts'
import { BrokenLog, CannotWrite } from './delta-errors.ts'
import { physicalName, isStruct, type StructType } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { statsOf, type StatValue } from './summaries.ts'

/** The columns that a table's files are clustered by, as physical names from the outside in: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#clustered-table @throws {BrokenLog} */
export function clusteringColumns({ domains, root }: Snapshot): readonly (readonly string[])[] {
  const domain = domains.get('delta.clustering')
  if (!domain) return []
  try {
    return (JSON.parse(domain.configuration) as { readonly clusteringColumns?: readonly (readonly string[])[] }).clusteringColumns ?? []
  } catch {
    throw new BrokenLog(`What the log of ${root} says of its clustering is not JSON.`)
  }
}

/** Holds a change to what a clustered table asks of every writer. Files need not be clustered themselves: that is for whoever packs them. @throws {CannotWrite} */
export function checkClustering(candidate: Snapshot, adds: readonly AddFile[]): void {
  const columns = clusteringColumns(candidate)
  if (columns.length === 0) return
  if (candidate.partitionColumns.length > 0) throw new CannotWrite(`${candidate.root} is clustered, so it cannot be partitioned.`, 'Take the clustering away first, with Spark: alter table ... cluster by none.')
  for (const path of columns) {
    const name = path.join('.')
    if (!isThere(candidate.schema, path, candidate)) throw new CannotWrite(`${candidate.root} is clustered by ${name}, so the column stays.`, 'Cluster the table by other columns first, with Spark.')
    const told = (file: AddFile) => path.reduce<StatValue | undefined>((at, step) => (typeof at === 'object' && at !== null ? at[step] : undefined), statsOf(file).nullCount) !== undefined
    if (adds.some(file => file.dataChange && !told(file))) throw new CannotWrite(`${candidate.root} is clustered by ${name}, but files would have no statistics of that column.`, 'Raise delta.dataSkippingNumIndexedCols, or move the column to the front.')
  }
}

function isThere(schema: StructType, [head, ...rest]: readonly string[], candidate: Snapshot): boolean {
  const field = schema.fields.find(each => physicalName(each, candidate.mapping) === head)
  return field !== undefined && (rest.length === 0 || (isStruct(field.type) && isThere(field.type, rest, candidate)))
}
