import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { comparison, interleaved, run } from './measure.mjs'

const root = join(import.meta.dirname, '../..')
const varve = join(root, 'dist/cli/varve.cjs')
const sources = process.env.VARVE_BENCH_SOURCES ?? join(root, '../shared/data/full')

/** All assets of the platform: on the first day everything, on the second one row in a hundred changed or new, and every export delivered as a whole again. */
export async function secondDay({ rounds = 3 } = {}) {
  if (!existsSync(sources)) return [`second-day: skipped, there is no folder ${sources} (VARVE_BENCH_SOURCES)`]
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  try {
    const later = join(home, 'later')
    mkdirSync(later)
    for (const name of readdirSync(sources)) writeFileSync(join(later, name), changed(name, readFileSync(join(sources, name))))
    const materialize = (folder, from, day) => run([varve, 'materialize', '--sources', from, '--lake', join(folder, 'lake'), '--now', `2026-11-${day}T06:00:00Z`, '--quiet'], { cwd: root })
    const before = join(home, 'before')
    await materialize(before, sources, 24)
    const again = async () => {
      const folder = join(home, 'again')
      cpSync(before, folder, { recursive: true, preserveTimestamps: true })
      return folder
    }
    const measured = await interleaved({
      'the first day': async () => {
        const folder = join(home, 'first')
        const told = await materialize(folder, sources, 24)
        rmSync(folder, { recursive: true })
        return told
      },
      'the second day': async () => {
        const folder = await again()
        const told = await materialize(folder, later, 25)
        rmSync(folder, { recursive: true })
        return told
      },
    }, { rounds })
    return [`second-day: the full set to all assets, then again with one row in a hundred changed, ${rounds} rounds. Aim: 0.25 by the clock`, ...comparison(measured)]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** An export of the next day: one row in a hundred is changed; of messages and events as many are new. */
function changed(name, bytes) {
  const packed = name.endsWith('.gz')
  const [header, ...lines] = (packed ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n')
  const names = header.split(',')
  const at = column => names.indexOf(column)
  const every = change => lines.map((line, i) => (i % 100 === 0 && !line.includes('"') ? change(line.split(',')).join(',') : line))
  const set = values => every(row => row.map((value, i) => values[names[i]]?.(value) ?? value))
  const more = change => [...lines, ...lines.slice(0, Math.ceil(lines.length / 100)).map(change)]
  const next = new Map()
  const rows = name.startsWith('crm_') ? set({ Description: text => `${text} (changed)`, LastModifiedDate: () => '2026-11-24' })
    : name.startsWith('snowflake_') ? set({ quantity: value => String(Number(value) + 1), address: text => `${text} b`, brand: text => `${text} b`, updated_at: () => '2026-11-24 00:00:00' })
    : name.startsWith('fx_') ? set({ fx_rate: value => String(Number(value) * 1.01) })
    : name.startsWith('redshift_') ? more((line, i) => line.replace(/^[^,]*/, `BEH-9${String(i).padStart(7, '0')}`))
    : more(line => {
        const [, topic, partition] = line.split(',')
        const place = `${topic},${partition}`
        if (!next.has(place)) next.set(place, 1 + lines.reduce((most, each) => (each.includes(`,${place},`) ? Math.max(most, Number(each.split(',')[at('offset')])) : most), -1))
        next.set(place, next.get(place) + 1)
        return line.split(',').map((value, i) => (i === at('event_id') ? `${value}-2` : i === at('offset') ? String(next.get(place) - 1) : value)).join(',')
      })
  const text = `${[header, ...rows].join('\n')}\n`
  return packed ? gzipSync(text) : text
}
