import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { Database } from '../../framework/duckdb/database.ts'

/** The rows of a Delta table in a folder, one that is no asset's; none where there is no table. */
export async function tableRows(folder: string, select = '*', tail = ''): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (!existsSync(join(folder, '_delta_log'))) return []
  const database = await Database.open()
  try {
    const scan = await (await new DeltaTable(folder, new LocalLogStore(folder), database).snapshot()).scanSql()
    return await database.use(connection => connection.json(`select ${select} from (${scan}) ${tail}`))
  } finally {
    await database.close()
  }
}
