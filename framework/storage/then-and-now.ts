import type { AssetDefinition } from '../definition/asset-definition.ts'
import { ASIDE_ONLY, brokenBy, CAST_FAILED } from '../definition/row-rules.ts'
import { LogFileMissing, NoSuchVersion } from '../delta/delta-errors.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import { quoteIdentifier, sqlText } from '../vocabulary/sql.ts'
import type { DataVersion } from '../vocabulary/version.ts'
import type { TableThenAndNow } from './affected-rows.ts'
import type { Inputs } from './inputs.ts'

/** How an asset's rows are named, and what it read of each upstream when it was made last. */
export interface ReadThen {
  readonly key: readonly string[]
  readonly inputs: ReadonlyMap<AssetKey, { readonly version: number; readonly content: DataVersion }>
}

/** The columns that say where a row stood in its source, where they do not come into the table and no promise asks for them: then a row that stands elsewhere is the same. */
export function positionsAside({ checks }: AssetDefinition): readonly string[] {
  const rejecting = checks.filter(({ rejects }) => rejects !== undefined)
  const asked = rejecting.some(check => POSITIONS.some(name => sqlText(brokenBy(check)!, quoteIdentifier).toLowerCase().includes(name)))
  return rejecting.some(({ rule }) => rule.kind === 'castable') && !asked ? POSITIONS : []
}

const POSITIONS = ASIDE_ONLY.filter(name => name !== CAST_FAILED)

/** The tables that a text may name, as they were read last and as they are now; undefined where one of them can't be told any longer. What is no table is left out. */
export async function thenAndNow(text: string, inputs: Inputs, read: ReadThen, tableOf: (key: AssetKey) => Promise<DeltaTable>): Promise<ReadonlyMap<string, TableThenAndNow> | undefined> {
  const found = new Map<string, TableThenAndNow>()
  for (const { name, table: pinned } of inputs.tables) {
    const key = name as AssetKey
    const [was, version, where] = [read.inputs.get(key), inputs.versions.get(key), pinned?.where]
    if (!text.includes(name) || !pinned || !was || version === undefined) continue
    try {
      const table = await tableOf(key)
      const now = await table.snapshot({ version })
      if (inputs.contents.get(key) === was.content) {
        found.set(name, { was: now, now, changed: false, where })
        continue
      }
      const then = await table.snapshot({ version: was.version })
      // A table that was taken away and made anew has versions of the same numbers.
      if ((then.commitInfo?.varve as Materialization | undefined)?.dataVersion !== was.content) return undefined
      if (then.metadata.id !== now.metadata.id || then.metadata.schemaString !== now.metadata.schemaString) return undefined
      found.set(name, { was: then, now, changed: true, where })
    } catch (error) {
      if (isGone(error)) return undefined
      throw error
    }
  }
  return found
}

/** The log of a version, or the marks of what was deleted in it, need not be kept for ever. */
export const isGone = (error: unknown): boolean => error instanceof NoSuchVersion || error instanceof LogFileMissing || (error as NodeJS.ErrnoException).code === 'ENOENT'
