import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dist } from '../planning/dist.mjs'
import { dataBench } from './data.mjs'
import { logBench } from './log.mjs'
import { memoryBench } from './memory.mjs'
import { peersBench } from './peers.mjs'

/** The Delta engine against the raw DuckDB operation of the same round, and against other engines where the peers of `test/delta-peers` are installed. Each part is told when it ends, on stderr too. */
export async function delta({ rounds = 5, rows = Number(process.env.VARVE_BENCH_ROWS ?? 5_000_000) } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  const { Database } = await dist('duckdb/database.js')
  const database = await Database.open()
  const lines = [`delta: ${rows.toLocaleString('en')} rows of 8 columns, ${rounds} rounds`]
  const part = async (name, bench) => {
    const start = performance.now()
    const told = [...await bench(), `  (${name}: ${((performance.now() - start) / 1000).toFixed(0)} s)`]
    process.stderr.write(`${told.join('\n')}\n`)
    lines.push(...told)
  }
  try {
    await part('data', () => database.use(connection => dataBench(connection, database, folder, { rounds, rows })))
    await part('log', () => logBench(database, folder, { rounds }))
    await part('memory', () => memoryBench(folder, { rows }))
    await part('other engines', () => peersBench(database, folder, { rounds: Math.min(rounds, 3) }))
    return lines
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
