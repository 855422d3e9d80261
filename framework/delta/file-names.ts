import type { AddFile } from './actions.ts'
import { physicalName } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { statsOf } from './summaries.ts'

/** @throws where files were written under the columns' own names though the table maps them: every reader would see NULL */
export function checkNames(table: Snapshot, adds: readonly AddFile[]): void {
  if (table.mapping === 'none') return
  const known = new Set(table.schema.fields.map(field => physicalName(field, table.mapping)))
  for (const file of adds) {
    const stranger = Object.keys(statsOf(file).nullCount ?? {}).find(name => !known.has(name))
    if (stranger !== undefined) throw new Error(`${file.path} has a column ${stranger}, which is no physical name of ${table.root}: write it with writeDataFiles`)
  }
}
