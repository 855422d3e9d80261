import { join } from 'node:path'
import { run } from '../measure.mjs'

/** The most memory that a merge's whole process has, by the limit that DuckDB is given. */
export async function memoryBench(folder, { rows }) {
  const lines = []
  const merging = async (limit, how) => {
    const { out, wall } = await run([join(import.meta.dirname, 'merge-within.mjs'), join(folder, 'table'), limit, String(rows), how])
    return { memory: JSON.parse(out).peak, wall }
  }
  const idle = await merging('1GB', 'nothing')
  lines.push(`  a process that has opened the database and the table: ${megabytes(idle)} MB`)
  for (const how of ['deletion-vectors', 'copy-on-write']) {
    for (const limit of ['2GB', '500MB', '250MB', '150MB']) {
      const told = await merging(limit, how)
      lines.push(`  merge of 100,000 rows by ${how} with a limit of ${limit}: ${megabytes(told)} MB at most, ${megabytes({ memory: told.memory - idle.memory })} over it, ${told.wall.toFixed(0)} ms`)
    }
  }
  return lines
}

const megabytes = ({ memory }) => (memory / 1e6).toFixed(0)
