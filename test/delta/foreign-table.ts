import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import type { Rig } from './rig.ts'

export type Actions = readonly object[]

export const PROTOCOL = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } }
export const metaData = (fields: readonly object[], more: object = {}) => ({ metaData: { id: 'm', format: { provider: 'parquet', options: {} }, schemaString: JSON.stringify({ type: 'struct', fields }), partitionColumns: [], configuration: {}, ...more } })
export const field = (name: string, type: unknown, metadata: object = {}) => ({ name, type, nullable: true, metadata })
export const add = (path: string, more: object = {}) => ({ add: { path, partitionValues: {}, size: 1, modificationTime: 0, dataChange: true, ...more } })

/** A parquet file, as a query of its rows, where need be with what else COPY is told. */
export type Made = string | readonly [query: string, options: string]

let made = 0

/** A table as another writer left it: parquet files by name, and the log's commits. */
export async function foreignTable(rig: Rig, files: Readonly<Record<string, Made>>, commits: readonly Actions[], root = join(rig.folder, `foreign-${(made += 1)}`)): Promise<DeltaTable> {
  mkdirSync(join(root, '_delta_log'), { recursive: true })
  for (const [name, file] of Object.entries(files)) {
    const [query, options] = typeof file === 'string' ? [file, ''] : [file[0], `, ${file[1]}`]
    await rig.database.use(c => c.run(`copy (${query}) to '${join(rig.folder, 'made.parquet').replaceAll("'", "''")}' (format parquet${options})`))
    mkdirSync(join(root, name, '..'), { recursive: true })
    renameSync(join(rig.folder, 'made.parquet'), join(root, name))
  }
  commits.forEach((actions, version) => writeFileSync(join(root, '_delta_log', `${String(version).padStart(20, '0')}.json`), actions.map(action => JSON.stringify(action)).join('\n')))
  return rig.table(root)
}
