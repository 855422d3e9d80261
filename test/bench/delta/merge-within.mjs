import { readFileSync } from 'node:fs'
import { dist } from '../planning/dist.mjs'
import { batchOf, TARGET } from './rows.mjs'

// A merge of 100,000 rows, staged and not committed, by a database that may have so much memory.
const [root, memoryLimit, rows, how] = process.argv.slice(2)
const [{ Database }, { DeltaTable }, { LocalLogStore }, { stageMerge }] = await Promise.all(['duckdb/database', 'delta/delta-table', 'delta/local-log-store', 'delta/merge'].map(name => dist(`${name}.js`)))
const database = await Database.open({ memoryLimit })
const base = await new DeltaTable(root, new LocalLogStore(root), database).snapshot()
if (how !== 'nothing') {
  const { metrics } = await database.use(connection => stageMerge(connection, base, batchOf(Number(rows)), { on: ['id'], targetFileSize: TARGET }, how))
  if (metrics.updated + metrics.unchanged !== 100_000) throw new Error(`Not all rows were found: ${JSON.stringify(metrics)}`)
}
database.close()
// Of the program itself: what the kernel tells of a child's greatest size begins with its parent's.
console.log(JSON.stringify({ peak: Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024 }))
