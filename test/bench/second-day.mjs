import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { comparison, interleaved, run } from './measure.mjs'

const root = join(import.meta.dirname, '../..')
const varve = join(root, 'dist/cli/varve.cjs')
const sources = process.env.VARVE_BENCH_SOURCES ?? join(root, '../shared/data/full')

/**
 * All assets of the platform: on the first day everything, on the second one row in a hundred changed or new. Once each source delivers what its
 * pattern says (docs/guides/ingestion-strategy.md): the CRM what was stamped since its watermark less the overlap, the warehouse whole tables, FX the
 * rates that are corrected, Redshift and Kafka what is new. And once every export is delivered as a whole again.
 */
export async function secondDay({ rounds = 3 } = {}) {
  if (!existsSync(sources)) return [`second-day: skipped, there is no folder ${sources} (VARVE_BENCH_SOURCES)`]
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  try {
    const [later, whole] = [join(home, 'later'), join(home, 'whole')]
    for (const [folder, all] of [[later, false], [whole, true]]) {
      mkdirSync(folder)
      for (const name of readdirSync(sources)) writeFileSync(join(folder, name), changed(name, readFileSync(join(sources, name)), all))
    }
    const materialize = (folder, from, day) => run([varve, 'materialize', '--sources', from, '--lake', join(folder, 'lake'), '--now', `2026-11-${day}T06:00:00Z`, '--quiet'], { cwd: root })
    const before = join(home, 'before')
    await materialize(before, sources, 24)
    const again = async () => {
      const folder = join(home, 'again')
      cpSync(before, folder, { recursive: true, preserveTimestamps: true })
      return folder
    }
    const secondOf = async from => {
      const folder = await again()
      const told = await materialize(folder, from, 25)
      rmSync(folder, { recursive: true })
      return told
    }
    const measured = await interleaved({
      'the first day': async () => {
        const folder = join(home, 'first')
        const told = await materialize(folder, sources, 24)
        rmSync(folder, { recursive: true })
        return told
      },
      'the second day': () => secondOf(later),
      'with every export whole': () => secondOf(whole),
    }, { rounds })
    return [`second-day: the full set to all assets, then again with one row in a hundred changed, ${rounds} rounds. Aim: 0.25 by the clock`, ...comparison(measured)]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const NEW = '2026-11-24'
/** What the CRM's overlap reaches back to, from the newest stamp of the set. */
const OVERLAP = '2026-11-19'

/** An export of the next day: one row in a hundred is changed; of messages and events as many are new. */
function changed(name, bytes, whole) {
  const packed = name.endsWith('.gz')
  const [header, ...lines] = (packed ? gunzipSync(bytes) : bytes).toString().trimEnd().split(/\r?\n/)
  const names = header.split(',')
  const at = column => names.indexOf(column)
  const isChanged = (line, i) => i % 100 === 0 && !line.includes('"')
  const every = change => lines.map((line, i) => (isChanged(line, i) ? change(line.split(',')).join(',') : line))
  const set = values => every(row => row.map((value, i) => values[names[i]]?.(value) ?? value))
  const some = (rows, wanted) => (whole ? rows : rows.filter((row, i) => isChanged(lines[i], i) || wanted(row)))
  const more = change => [...(whole ? lines : []), ...lines.slice(0, Math.ceil(lines.length / 100)).map(change)]
  const rows = name.startsWith('crm_') ? some(set({ Description: text => `${text} (changed)`, LastModifiedDate: () => NEW }), row => row.split(',')[at('LastModifiedDate')] >= OVERLAP)
    : name.startsWith('snowflake_') ? set({ quantity: value => String(Number(value) + 1), address: text => `${text} b`, brand: text => `${text} b`, updated_at: () => `${NEW} 00:00:00` })
    : name.startsWith('fx_') ? some(set({ fx_rate: value => String(Number(value) * 1.01) }), () => false)
    : name.startsWith('redshift_') ? more((line, i) => line.replace(/^[^,]*/, `BEH-9${String(i).padStart(7, '0')}`))
    : more(following(lines, at))
  const text = `${[header, ...rows].join('\n')}\n`
  return packed ? gzipSync(text) : text
}

/** Messages with new ids, behind the last offset of their partition. */
function following(lines, at) {
  const next = new Map()
  for (const [, topic, partition, offset] of lines.map(line => line.split(','))) next.set(`${topic},${partition}`, Math.max(next.get(`${topic},${partition}`) ?? 0, Number(offset) + 1))
  return line => {
    const [, topic, partition] = line.split(',')
    const offset = next.get(`${topic},${partition}`)
    next.set(`${topic},${partition}`, offset + 1)
    return line.split(',').map((value, i) => (i === at('event_id') ? `${value}-2` : i === at('offset') ? String(offset) : value)).join(',')
  }
}
