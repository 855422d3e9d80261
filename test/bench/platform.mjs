import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparison, interleaved, run } from './measure.mjs'
import { rawPlatform } from './raw-platform.mjs'

const root = join(import.meta.dirname, '../..')
const varve = join(root, 'dist/cli/varve.cjs')
const sources = process.env.VARVE_BENCH_SOURCES ?? join(root, '../shared/data/full')

const TO_GOLD = ['+gold/customer_360', 'gold/product_perf_daily']

/** The platform from the exports to its two tables of gold, each time into a new lake, against its own SQL as one script. */
export const platform = ({ rounds = 5 } = {}) => against('platform', 'the full set to gold/customer_360 and gold/product_perf_daily', { rounds, selection: TO_GOLD, whole: false, aim: '1.5' })

/** All assets of the platform, warehouses too. */
export const wholePlatform = ({ rounds = 5 } = {}) => against('whole-platform', 'the full set to all assets', { rounds, selection: [], whole: true, aim: '2' })

async function against(name, what, { rounds, selection, whole, aim }) {
  if (!existsSync(sources)) return [`${name}: skipped, there is no folder ${sources} (VARVE_BENCH_SOURCES)`]
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  try {
    const script = join(home, 'script.json')
    let count = 0
    const fresh = () => join(home, String((count += 1)))
    const measured = await interleaved({
      'raw script': async () => {
        const out = fresh()
        writeFileSync(script, JSON.stringify(await rawPlatform({ sources, out, procDate: '2026-03-01', whole })))
        const told = await run([join(import.meta.dirname, 'raw-script.mjs'), script])
        rmSync(out, { recursive: true })
        return told
      },
      varve: async () => {
        const folder = fresh()
        const told = await run([varve, 'materialize', ...selection, '--sources', sources, '--lake', join(folder, 'lake'), '--quiet'], { cwd: root })
        rmSync(folder, { recursive: true })
        return told
      },
    }, { rounds })
    return [`${name}: ${what}, a new lake each time, ${rounds} rounds. Aims: ${aim} by the clock, 1,500 MB`, ...comparison(measured)]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
