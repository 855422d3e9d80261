import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dist } from '../planning/dist.mjs'
import { dataBench } from './data.mjs'
import { logBench } from './log.mjs'
import { memoryBench } from './memory.mjs'
import { peersBench } from './peers.mjs'

/** The Delta engine against the raw DuckDB operation of the same round, and against other engines where the peers of `test/delta-peers` are installed. */
export async function delta({ rounds = 5, rows = Number(process.env.VARVE_BENCH_ROWS ?? 5_000_000) } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  const { Database } = await dist('duckdb/database.js')
  const database = await Database.open()
  try {
    const lines = [`delta: ${rows.toLocaleString('en')} rows of 8 columns, ${rounds} rounds`]
    lines.push(...await database.use(connection => dataBench(connection, database, folder, { rounds, rows })))
    lines.push(...await logBench(database, folder, { rounds }))
    lines.push(...await memoryBench(folder, { rows }))
    lines.push(...await peersBench(database, folder, { rounds: Math.min(rounds, 3) }))
    return lines
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
