import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparison, interleaved, run, spread } from './measure.mjs'

const root = join(import.meta.dirname, '../..')
const varve = join(root, 'dist/cli/varve.cjs')

/** What the framework costs for each asset: many trivial ones, ten roots and readers of them, against a COPY of the same queries each. */
export async function assets({ rounds = 5, count = 1000 } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  try {
    scratchProject(home, count)
    await run([varve, 'list', '--json'], { cwd: home })
    let made = 0
    const script = join(home, 'script.json')
    const measured = await interleaved({
      'raw copies': async () => {
        const out = join(home, `raw-${(made += 1)}`)
        mkdirSync(out)
        writeFileSync(script, JSON.stringify(copies(queries(count), out)))
        const told = await run([join(import.meta.dirname, 'raw-script.mjs'), script])
        rmSync(out, { recursive: true })
        return told
      },
      varve: async () => {
        const lake = join(home, `lake-${(made += 1)}`, 'lake')
        const told = await run([varve, 'materialize', '--quiet', '--lake', lake], { cwd: home })
        rmSync(join(lake, '..'), { recursive: true })
        return told
      },
    }, { rounds })
    const over = what => spread(measured.varve.map((told, round) => (told[what] - measured['raw copies'][round][what]) / count), 2)
    return [
      `assets: ${count.toLocaleString('en')} trivial assets, a new lake each time, ${rounds} rounds`,
      ...comparison(measured),
      `  each asset over its raw copy: ${over('wall')} ms by the clock, ${over('cpu')} ms of the processors. Aim: 5`,
    ]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const copies = (all, out) => all.flatMap(({ name, query }) => {
  const file = join(out, `${name}.parquet`)
  return [`copy (${query(i => `a${i}`)}) to '${file}' (format parquet, compression zstd)`, `create view ${name} as from read_parquet('${file}')`]
})

/** Ten roots; every other asset reads one of them. */
function queries(count) {
  return Array.from({ length: count }, (_, i) => {
    const upstream = i < 10 ? undefined : i % 10
    return { i, upstream, name: `a${i}`, query: table => (upstream === undefined ? `select range as id, range * ${i + 1} as amount from range(10)` : `select id, amount + ${i} as amount from ${table(upstream)}`) }
  })
}

function scratchProject(home, count) {
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
  for (const layer of ['bronze', 'silver']) mkdirSync(join(home, 'assets', layer), { recursive: true })
  const layerOf = i => (i < 10 ? 'bronze' : 'silver')
  for (const { i, upstream, query } of queries(count)) {
    const reads = upstream === undefined ? '' : `  @Upstream(() => A${upstream}) readonly up!: A${upstream}\n`
    writeFileSync(join(home, 'assets', layerOf(i), `a${i}.ts`), `import { Asset, SqlAsset, Upstream, sql } from 'varve'
${upstream === undefined ? '' : `import { A${upstream} } from '../bronze/a${upstream}'\n`}
/** One row per number. */
@Asset({ key: '${layerOf(i)}/a${i}' })
export class A${i} extends SqlAsset {
${reads}  query() {
    return sql\`${query(() => '${this.up}')}\`
  }
}
`)
  }
}
