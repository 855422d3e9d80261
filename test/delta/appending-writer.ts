import { Database } from '../../framework/duckdb/database.ts'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { append } from '../../framework/delta/stage.ts'

/** A process that appends to a table again and again, and prints the versions that it got. Its files are names only: the log is what is tried. */
const [root = '', writer = '0', commits = '1'] = process.argv.slice(2)
const database = await Database.open({ threads: 1 })
const table = new DeltaTable(root, new LocalLogStore(root, { sync: 'none' }), database)
const versions: number[] = []
for (let i = 0; i < Number(commits); i += 1) {
  const base = await table.snapshot()
  const file = { path: `w${writer}-${i}.parquet`, partitionValues: {}, size: 1, modificationTime: 0, dataChange: true, stats: '{"numRecords":1}' }
  const outcome = await table.commit(append(base, [file]), base, { operation: 'WRITE' })
  if (outcome.status !== 'committed') throw new Error(JSON.stringify(outcome))
  if (outcome.trouble) throw outcome.trouble
  versions.push(outcome.version)
}
database.close()
process.stdout.write(JSON.stringify(versions))
