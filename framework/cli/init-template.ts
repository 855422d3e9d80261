/** The files of a new project, by path: two assets, the configuration, a test, all of it ready to run. */
export const initTemplate = (name: string, version: string): Readonly<Record<string, string>> => ({
  'package.json': `${JSON.stringify(
    {
      name,
      private: true,
      type: 'module',
      engines: { node: '>=20.19' },
      scripts: { materialize: 'varve materialize', test: 'node --test', types: 'tsc --noEmit' },
      dependencies: { varve: `^${version}` },
      devDependencies: { typescript: '^7.0.2' },
    },
    null,
    2,
  )}\n`,
  'tsconfig.json': `${JSON.stringify(
    {
      compilerOptions: {
        target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', strict: true, verbatimModuleSyntax: true,
        experimentalDecorators: true, allowImportingTsExtensions: true, noEmit: true, skipLibCheck: true,
      },
      include: ['assets'],
    },
    null,
    2,
  )}\n`,
  '.gitignore': 'node_modules\n.varve\n',
  'config/local.yaml': `# Where assets live and run when nobody names another profile. Paths are relative to this project.
lake: .varve/lake
layers: [bronze, gold]
jobs: 4
`,
  'assets/bronze/readings.ts': `import { Asset, between, notNull, RowAsset } from 'varve'

interface Reading {
  station: string
  day: string
  celsius: number
}

/** One row per station and day, as it was measured. */
@Asset({
  key: 'bronze/readings',
  checks: [notNull('station'), notNull('day'), between('celsius', { min: -90, max: 60 })],
})
export class Readings extends RowAsset<Reading> {
  readonly columns = { station: 'varchar', day: 'date', celsius: 'double' }

  // Rows may come from anywhere: an API, a file, a queue. They are streamed, and need not fit in memory.
  async *rows() {
    yield { station: 'Abisko', day: '2026-03-01', celsius: -7.5 }
    yield { station: 'Lund', day: '2026-03-01', celsius: 4.5 }
    yield { station: 'Abisko', day: '2026-03-02', celsius: -3.5 }
    yield { station: 'Lund', day: '2026-03-02', celsius: 6.5 }
  }
}
`,
  'assets/gold/daily_means.ts': `import { Asset, Check, primaryKey, sql, SqlAsset, Upstream } from 'varve'
import { Readings } from '../bronze/readings.ts'

/** One row per day: how warm it was, on the mean of all stations. */
@Asset({
  key: 'gold/daily_means',
  checks: [primaryKey('day')],
})
export class DailyMeans extends SqlAsset {
  @Upstream(() => Readings) readonly readings!: Readings

  query() {
    return sql\`
      select day, count(*) as stations, avg(celsius) as celsius
      from \${this.readings}
      group by day\`
  }

  /** A check selects the rows that break its promise. While there are any, nothing is published. */
  @Check()
  everyDayHasAStation() {
    return sql\`select day from \${this} where stations = 0\`
  }
}
`,
  'test/lake.test.mjs': `import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'

const installed = createRequire(import.meta.url).resolve('varve/package.json')
const bin = join(dirname(installed), createRequire(import.meta.url)(installed).bin.varve)

/** Calls varve on a lake of its own, and reads its answer. */
async function varve(...words) {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words, '--lake', join(folder, 'lake'), '--json'])
  return JSON.parse(stdout)
}

let folder
before(async () => (folder = await mkdtemp(join(tmpdir(), 'lake-'))))
after(() => rm(folder, { recursive: true }))

test('every day has its mean over all stations', async () => {
  const run = await varve('materialize')
  assert.deepEqual(run.steps.map(step => [step.key, step.status]), [['bronze/readings', 'materialized'], ['gold/daily_means', 'materialized']])
  const { rows } = await varve('query', 'select day, stations, celsius from gold.daily_means order by day')
  assert.deepEqual(rows.map(row => [row.day, Number(row.stations), row.celsius]), [['2026-03-01', 2, -1.5], ['2026-03-02', 2, 1.5]])
})

test('a second run has nothing to do', async () => {
  const run = await varve('materialize')
  assert.deepEqual(run.steps, [])
})
`,
  'README.md': `# ${name}

Tables that are declared as classes in \`assets/\`, made by [Varve](https://www.npmjs.com/package/varve).

\`\`\`sh
npm install
npx varve materialize      # writes what is not fresh
npx varve show gold/daily_means
npx varve plan             # says what would be written, and why
npm test
\`\`\`
`,
})
