import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { interleaved, run, spread } from './measure.mjs'
import { bundled } from './raw-platform.mjs'

const root = join(import.meta.dirname, '../..')
const varve = join(root, 'dist/cli/varve.cjs')
/** From the first look at a job to the second, by which it has ended. */
const BETWEEN_LOOKS = 500
const STEPS = 12

/** What the framework takes for a step whose job takes none: asking for it, two looks, reading what came, checks and the commit. */
export async function jobs({ rounds = 5 } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  const { jobServices } = await bundled('test/bench/job-services.ts', 'job-services.mjs')
  const file = join(home, 'rows.parquet')
  const services = await jobServices(file)
  process.env.AWS_DEFAULT_REGION = process.env.AWS_REGION = 'eu-central-1'
  process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'x'
  try {
    project(home, services)
    await run([varve, 'materialize', '--profile', 'duckdb', '--quiet', '--lake', join(home, 'first', 'lake')], { cwd: home })
    const [made] = filesOf(join(home, 'first', 'lake', 'silver', 's0'))
    symlinkSync(made, file)
    const looked = {}
    const works = Object.fromEntries(['duckdb', 'emr-serverless', 'athena'].map(engine => [engine, async () => {
      const before = services.looks[engine]?.() ?? 0
      const { out } = await run([varve, 'materialize', '--profile', engine, '--json', '--lake', join(home, engine, 'lake')], { cwd: home })
      rmSync(join(home, engine), { recursive: true })
      looked[engine] = ((services.looks[engine]?.() ?? 0) - before) / STEPS
      return JSON.parse(out).steps.filter(({ key }) => key.startsWith('silver/')).map(({ durationMs }) => durationMs - (engine === 'duckdb' ? 0 : BETWEEN_LOOKS))
    }]))
    const measured = await interleaved(works, { rounds })
    const line = engine => `  ${engine.padEnd(16)}${spread(measured[engine].flatMap(steps => steps.slice(1)))} ms a step, ${spread(measured[engine].map(([first]) => first))} ms the first one${looked[engine] ? `, with ${looked[engine].toFixed(1)} looks` : ''}`
    return [`jobs: ${STEPS} steps one after the other, their jobs and the wait between two looks taken off, ${rounds} rounds. Aim: 150 ms a step`, ...Object.keys(works).map(line)]
  } finally {
    await services.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

function filesOf(folder) {
  return readdirSync(folder).filter(name => name.endsWith('.parquet')).map(name => join(folder, name))
}

function project(home, { emr, athena }) {
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
  for (const folder of ['assets/bronze', 'assets/silver', 'config']) mkdirSync(join(home, folder), { recursive: true })
  const asset = (key, extra, query) => `import { Asset, SqlAsset, Upstream, notNull, sql } from 'varve'\n${extra}\n@Asset({ key: '${key}', checks: [notNull('id')] })\nexport class A extends SqlAsset {\n  ${key.startsWith('silver') ? '@Upstream(() => Rows) rows' : ''}\n  query() { return sql\`${query}\` }\n}\n`
  writeFileSync(join(home, 'assets/bronze/rows.ts'), asset('bronze/rows', '', 'select i as id, i * 2 as amount from range(1000) as r(i)'))
  for (let i = 0; i < STEPS; i += 1) writeFileSync(join(home, `assets/silver/s${i}.ts`), asset(`silver/s${i}`, "import { A as Rows } from '../bronze/rows'", `select id, amount + ${i} as amount from \${this.rows}`))
  const poll = `poll: { first: ${BETWEEN_LOOKS}ms, most: 5s }`
  const settings = {
    duckdb: '',
    'emr-serverless': `emrServerless: { application: app, role: 'arn:aws:iam::123456789012:role/x', endpoint: '${emr}', rowsStay: false, ${poll} }`,
    athena: `athena: { database: lake, output: ${home}/results, endpoint: '${athena}', glueEndpoint: '${athena}', ${poll} }`,
  }
  for (const [engine, more] of Object.entries(settings)) writeFileSync(join(home, `config/${engine}.yaml`), `jobs: 1\nengines: { layers: { silver: ${engine} } }\n${more}\n`)
}
