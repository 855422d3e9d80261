import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import type { CommitOutcome } from '../../framework/delta/commit.ts'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { deltaSchemaOf } from '../../framework/delta/schema.ts'
import { append, newTable, type NewTable } from '../../framework/delta/stage.ts'
import { stageMerge, type MergeHow, type MergeOptions, type StagedMerge } from '../../framework/delta/merge.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'

/** A folder and a database for one test file. */
export class Rig {
  database!: Database
  folder!: string
  #made = 0

  constructor() {
    beforeAll(async () => {
      this.folder = mkdtempSync(join(tmpdir(), 'varve-delta-'))
      this.database = await Database.open({ memoryLimit: '2GB' })
    })
    afterAll(() => {
      this.database?.close()
      rmSync(this.folder, { recursive: true, force: true })
    })
  }

  table(root = join(this.folder, `table-${(this.#made += 1)}`)): DeltaTable {
    return new DeltaTable(root, new LocalLogStore(root, { sync: 'none' }), this.database)
  }

  /** A new table with a query's rows. */
  async create(query: string, options: Partial<NewTable> = {}, table = this.table()): Promise<DeltaTable> {
    await this.database.use(async connection => {
      const schema = options.schema ?? deltaSchemaOf(await connection.describe(query))
      const files = await writeDataFiles(connection, query, { root: table.root, schema, partitionColumns: options.partitionColumns ?? [], properties: options.properties })
      committed(await table.commit(newTable({ ...options, schema, files }), undefined, { operation: 'CREATE TABLE AS SELECT' }))
    })
    return table
  }

  async append(table: DeltaTable, query: string): Promise<number> {
    const base = await table.snapshot()
    const files = await this.database.use(connection => writeDataFiles(connection, query, base))
    return committed(await table.commit(append(base, files), base, { operation: 'WRITE' }))
  }

  async merge(table: DeltaTable, source: string, options: MergeOptions, how: MergeHow = 'auto'): Promise<StagedMerge> {
    const base = await table.snapshot()
    const staged = await this.database.use(connection => stageMerge(connection, base, source, options, how))
    await table.commit(staged.change, base, { operation: 'MERGE' })
    return staged
  }

  /** All rows of a snapshot, as JSON, in the order of all columns. */
  async rows(of: Snapshot | DeltaTable): Promise<Record<string, unknown>[]> {
    const snapshot = of instanceof DeltaTable ? await of.snapshot() : of
    const scan = await snapshot.scanSql()
    return this.database.use(connection => connection.json(`select * from (${scan}) order by all`))
  }
}

export function committed(outcome: CommitOutcome): number {
  if (outcome.status !== 'committed') throw new Error(`expected a commit but got ${JSON.stringify(outcome)}`)
  return outcome.version
}
