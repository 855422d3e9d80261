import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'

const NUMBERS = (to: number, extra = '') => `
import { Asset, RowAsset, primaryKey } from 'varve'
/** One row per number. */
@Asset({ key: 'bronze/numbers', checks: [primaryKey('n')] })
export class Numbers extends RowAsset<{ n: number; name: string }> {
  readonly columns = { n: 'bigint', name: 'varchar' }
  async *rows() {
    ${extra}
    for (let n = 0; n < ${to}; n += 1) yield { n, name: 'number ' + n }
  }
}`

const EVEN = (query: string, more = '') => `
import { Asset, Check, SqlAsset, Upstream, sql } from 'varve'
import { Numbers } from '../bronze/numbers'
/** One row per even number. */
@Asset({ key: 'silver/even' })
export class Even extends SqlAsset {
  @Upstream(() => Numbers) readonly numbers!: Numbers
  query() {
    return sql\`${query}\`
  }
  ${more}
}`

const TOTAL = `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { Even } from '../silver/even'
/** One row: the sum. */
@Asset({ key: 'gold/total' })
export class Total extends SqlAsset {
  @Upstream(() => Even) readonly even!: Even
  query() {
    return sql\`select sum(n) as total from \${this.even}\`
  }
}`

const ASIDE = `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { Numbers } from '../bronze/numbers'
/** One row: how many. */
@Asset({ key: 'gold/aside' })
export class Aside extends SqlAsset {
  @Upstream(() => Numbers) readonly numbers!: Numbers
  query() {
    return sql\`select count(*) as n from \${this.numbers}\`
  }
}`

const SELECT_EVEN = 'select n, name from ${this.numbers} where n % 2 = 0'

let rig: ProjectRig
beforeEach(() => {
  rig = new ProjectRig({ 'assets/bronze/numbers.ts': NUMBERS(10), 'assets/silver/even.ts': EVEN(SELECT_EVEN), 'assets/gold/total.ts': TOTAL, 'assets/gold/aside.ts': ASIDE })
})
afterEach(() => rig.remove())

const ALL = { 'bronze/numbers': 'materialized', 'gold/aside': 'materialized', 'silver/even': 'materialized', 'gold/total': 'materialized' }

describe('materialize', () => {
  it('writes what is missing, upstreams first', async () => {
    expect(await rig.endings()).toEqual(ALL)
    expect(await rig.rows('from gold.total')).toEqual([{ total: '20' }])
  })

  it('runs no step and commits nothing the second time', async () => {
    await rig.run()
    const files = ['bronze/numbers', 'silver/even', 'gold/total'].map(key => rig.filesOf(key))
    const second = await rig.run()
    expect({ ok: second.ok, steps: second.steps }).toEqual({ ok: true, steps: [] })
    expect(['bronze/numbers', 'silver/even', 'gold/total'].map(key => rig.filesOf(key))).toEqual(files)
  })

  it('writes what is fresh when it is forced to, and publishes no version that equals the one before', async () => {
    await rig.run()
    expect(await rig.endings(['+gold/total'], { force: true })).toEqual({ 'bronze/numbers': 'materialized', 'silver/even': 'materialized', 'gold/total': 'materialized' })
    expect(await rig.version('silver/even')).toBe(0)
    expect(await rig.planned()).toEqual({})
  })

  it('sees a changed query, and what it feeds', async () => {
    await rig.run()
    rig.write('assets/silver/even.ts', EVEN('select n, name from ${this.numbers} where n % 2 = 0 and n > 2'))
    expect(await rig.planned()).toEqual({ 'silver/even': ['code'], 'gold/total': ['upstream'] })
    expect(await rig.endings()).toEqual({ 'silver/even': 'materialized', 'gold/total': 'materialized' })
    expect(await rig.rows('from gold.total')).toEqual([{ total: '18' }])
  })

  it('does not care how a query is laid out, written in capitals or commented', async () => {
    await rig.run()
    rig.write('assets/silver/even.ts', `// a comment\n${EVEN('SELECT  n,\n  name /* its name */ FROM ${this.numbers} -- all\n WHERE n % 2 = 0')}`)
    expect(await rig.planned()).toEqual({})
  })

  it('does not care about owners, tags and docs, and of changed checks only runs the checks', async () => {
    await rig.run()
    rig.write('assets/silver/even.ts', EVEN(SELECT_EVEN, '@Check() odd() { return sql`select 1 where false` }').replace("key: 'silver/even'", "key: 'silver/even', owners: ['team:a'], tags: ['x'], description: 'y'"))
    rig.write('assets/bronze/numbers.ts', NUMBERS(10).replace("key: 'bronze/numbers'", "key: 'bronze/numbers', owners: ['team:a']").replace('checks: [primaryKey', 'checks: [/* one */ primaryKey'))
    expect(await rig.planned()).toEqual({ 'silver/even': ['checks'] })
    expect(await rig.endings()).toEqual({ 'silver/even': 'fresh' })
    expect(await rig.planned()).toEqual({})
  })

  it('sees that TypeScript which fills a table was changed, and not that it was laid out anew', async () => {
    await rig.run()
    rig.write('assets/bronze/numbers.ts', NUMBERS(10, '/* nothing */').replaceAll('\n', '\n\n'))
    expect(await rig.planned()).toEqual({})
    rig.write('assets/bronze/numbers.ts', NUMBERS(12))
    expect(Object.keys(await rig.planned())).toEqual(['bronze/numbers', 'gold/aside', 'silver/even', 'gold/total'])
  })

  it('sees that a helper which an asset reaches was changed, and holds it against no other asset', async () => {
    rig.write('resources/limit.ts', 'import { base } from "./base"\nexport const limit = () => base + 4\n')
    rig.write('resources/base.ts', 'export const base = 6\n')
    rig.write('assets/bronze/numbers.ts', `import { limit } from '../../resources/limit'${NUMBERS(10).replace('n < 10', 'n < limit()')}`)
    rig.write('assets/bronze/others.ts', NUMBERS(5).replace('bronze/numbers', 'bronze/others').replace('class Numbers', 'class Others'))
    await rig.run()
    rig.write('resources/base.ts', '// six, written otherwise\nexport const base =\n  6\n')
    expect(await rig.planned()).toEqual({})
    rig.write('resources/base.ts', 'export const base = 8\n')
    expect(Object.keys(await rig.planned())).toEqual(['bronze/numbers', 'gold/aside', 'silver/even', 'gold/total'])
    await rig.run()
    expect(await rig.rows('select count(*)::int as n from bronze.numbers')).toEqual([{ n: 12 }])
  })

  it('stops the wave where a table comes out equal', async () => {
    await rig.run()
    rig.write('assets/bronze/numbers.ts', NUMBERS(10, 'if (Date.now() < 0) return'))
    expect(await rig.endings()).toEqual({ 'bronze/numbers': 'materialized', 'gold/aside': 'fresh', 'silver/even': 'fresh', 'gold/total': 'fresh' })
    rig.write('assets/bronze/numbers.ts', NUMBERS(11))
    expect(await rig.endings()).toEqual(ALL)
  })

  it('stops the wave in the middle', async () => {
    await rig.run()
    // One more odd number: the even ones come out as they were.
    rig.write('assets/bronze/numbers.ts', NUMBERS(10).replace("yield { n, name: 'number ' + n }", "yield { n, name: 'number ' + n }; yield { n: 11, name: 'x' }"))
    expect(await rig.endings()).toEqual({ 'bronze/numbers': 'materialized', 'gold/aside': 'materialized', 'silver/even': 'materialized', 'gold/total': 'fresh' })
    expect(await rig.planned()).toEqual({})
  })

  it('sees that an upstream was added', async () => {
    await rig.run()
    rig.write('assets/gold/total.ts', TOTAL.replace("import { Even }", "import { Numbers } from '../bronze/numbers'\nimport { Even }").replace('@Upstream', '@Upstream(() => Numbers) readonly numbers!: Numbers\n  @Upstream'))
    expect(await rig.planned()).toEqual({ 'gold/total': ['dependencies'] })
  })

  it('sees that the write mode was changed', async () => {
    await rig.run()
    rig.write('assets/silver/even.ts', EVEN(SELECT_EVEN).replace("'silver/even'", "'silver/even', write: merge({ on: ['n'] })").replace('sql }', 'merge, sql }'))
    expect(await rig.planned()).toEqual({ 'silver/even': ['write'], 'gold/total': ['upstream'] })
  })

  it('keeps a candidate that breaks an error promise from every reader, skips what is below and finishes the rest', async () => {
    await rig.run()
    rig.write('assets/bronze/numbers.ts', NUMBERS(20))
    rig.write('assets/silver/even.ts', EVEN(SELECT_EVEN, '@Check() small() { return sql`select n from ${this} where n > 10` }'))
    const result = await rig.run()
    expect(result.ok).toBe(false)
    expect(Object.fromEntries(result.steps.map(({ asset, status, because }) => [asset, because ? `${status} because of ${because}` : status]))).toEqual({
      'bronze/numbers': 'materialized', 'gold/aside': 'materialized', 'silver/even': 'check-failed', 'gold/total': 'skipped because of silver/even',
    })
    const { error, checks } = result.steps.find(({ asset }) => asset === 'silver/even')!
    expect(error).toEqual({ code: 'execution/check-failed', message: 'silver/even: "small" does not hold for 4 rows.', hint: 'Nothing was published: readers still see version 0.' })
    expect(checks.map(({ check, passed, failingRows, severity }) => ({ check, passed, failingRows, severity }))).toEqual([{ check: 'small', passed: false, failingRows: 4, severity: 'error' }])
    expect(await rig.rows('select max(n) as n from silver.even')).toEqual([{ n: 8 }])
    expect(await rig.version('silver/even')).toBe(0)
    expect(rig.filesOf('silver/even').filter(file => file.endsWith('.parquet'))).toHaveLength(1)
  })

  it('holds a number of rows against that of the version before', async () => {
    const limited = (to: number) => NUMBERS(to).replace("primaryKey('n')", 'rowCount({ min: 1, ofLast: { min: 0.5, max: 2 } })').replace('import { Asset, RowAsset, primaryKey }', 'import { Asset, RowAsset, rowCount }')
    const check = 'the number of rows is at least 1 and between 50 % and 200 % of the last version\'s'
    for (const [rows, ...expected] of [[10, true, 0], [4, false, 1], [5, true, 0], [11, false, 1], [10, true, 0]] as const) {
      rig.write('assets/bronze/numbers.ts', limited(rows))
      const { steps } = await rig.run(['bronze/numbers'])
      expect([rows, ...steps[0]!.checks.flatMap(result => [result.check, result.passed, result.failingRows])]).toEqual([rows, check, ...expected])
    }
  })

  it('publishes what breaks a warn promise, and tells', async () => {
    rig.write('assets/silver/even.ts', EVEN(SELECT_EVEN, "@Check({ severity: 'warn' }) small() { return sql`select n from ${this} where n > 6` }"))
    const result = await rig.run(['+silver/even'])
    expect(result.ok).toBe(true)
    expect(result.steps.at(-1)!.checks).toMatchObject([{ check: 'small', passed: false, failingRows: 1, severity: 'warn' }])
  })

  it('takes a check that cannot be run for a broken promise', async () => {
    rig.write('assets/silver/even.ts', EVEN(SELECT_EVEN, '@Check() wrong() { return sql`select no_such_column from ${this}` }'))
    const result = await rig.run(['+silver/even'])
    expect(result.steps.at(-1)).toMatchObject({ status: 'check-failed', checks: [{ passed: false, failingRows: 0 }] })
    expect(result.steps.at(-1)!.checks[0]!.error).toMatch(/no_such_column/)
  })

  it('lets a failing branch fail alone', async () => {
    rig.write('assets/silver/even.ts', EVEN('select n / (n - n) as n, error(\'broken\') as name from ${this.numbers}'))
    const result = await rig.run()
    expect(Object.fromEntries(result.steps.map(({ asset, status }) => [asset, status]))).toEqual({ 'bronze/numbers': 'materialized', 'gold/aside': 'materialized', 'silver/even': 'failed', 'gold/total': 'skipped' })
  })

  it('refuses to run what reads a table that was never made', async () => {
    await expect(rig.run(['gold/total'])).rejects.toMatchObject({ code: 'planning/upstream-not-materialized', hint: 'Select its upstreams as well: varve materialize +gold/total' })
  })

  it('ends what was not started as cancelled when it is stopped', async () => {
    const stop = new AbortController()
    const result = await rig.run([], { signal: stop.signal, listen: event => event.type === 'step-started' && stop.abort() })
    expect({ ok: result.ok, cancelled: result.cancelled }).toEqual({ ok: false, cancelled: true })
    expect(new Set(result.steps.map(({ status }) => status))).toEqual(new Set(['cancelled', 'skipped']))
    expect(await rig.endings()).toEqual(ALL)
  })

  it('tries again as the policy says, and never where a promise is broken', async () => {
    rig.write('assets/bronze/numbers.ts', NUMBERS(10, "globalThis.tries = (globalThis.tries ?? 0) + 1; if (globalThis.tries % 3 !== 0) throw new Error('flaky')").replace("key: 'bronze/numbers'", "key: 'bronze/numbers', retry: { times: 2, delay: '1ms' }"))
    const events: string[] = []
    const { ok } = await rig.run(['bronze/numbers'], { listen: event => void (event.type === 'step-retried' && events.push(event.error.message)) })
    expect({ ok, events }).toEqual({ ok: true, events: ['flaky', 'flaky'] })
  })

  it('remembers by the lake alone: the event log can be rebuilt from its commits', async () => {
    await rig.run()
    const before = await rig.with(project => project.status())
    expect(await rig.with(project => project.rebuildState())).toEqual({ assets: 4, materializations: 4, watermarks: 0, checkpoints: 0 })
    expect(await rig.with(project => project.status())).toEqual(before)
    expect(await rig.planned()).toEqual({})
  })

  it('says who wrote a table behind its back', async () => {
    await rig.run()
    const { writeFileSync } = await import('node:fs')
    writeFileSync(`${rig.lake}/silver/even/_delta_log/00000000000000000001.json`, `${JSON.stringify({ commitInfo: { timestamp: 1, operation: 'DELETE', engineInfo: 'Apache-Spark/3.5' } })}\n`)
    const { steps } = await rig.with(project => project.plan({ selection: [] }))
    expect(steps.map(({ asset, causes }) => [asset, causes])).toEqual([
      ['silver/even', [{ code: 'tampered', recorded: 0, head: 1, by: 'DELETE by Apache-Spark/3.5' }]],
      ['gold/total', [{ code: 'upstream', upstream: 'silver/even' }]],
    ])
  })

  it('makes a table anew whose folder was taken away', async () => {
    await rig.run()
    const { rmSync } = await import('node:fs')
    rmSync(`${rig.lake}/silver/even`, { recursive: true })
    expect(await rig.planned()).toEqual({ 'silver/even': ['missing'], 'gold/total': ['upstream'] })
    expect(await rig.endings()).toEqual({ 'silver/even': 'materialized', 'gold/total': 'fresh' })
  })

  it('takes the result of logic that was gone back to out of the history of the table, and computes nothing', async () => {
    await rig.run()
    rig.write('assets/silver/even.ts', EVEN('select n, name from ${this.numbers} where n % 2 = 0 and n > 2'))
    await rig.run()
    const parquet = () => rig.filesOf('silver/even').filter(file => file.endsWith('.parquet'))
    const before = parquet()
    rig.write('assets/silver/even.ts', EVEN(SELECT_EVEN))
    expect(await rig.endings()).toEqual({ 'silver/even': 'materialized', 'gold/total': 'materialized' })
    expect(parquet()).toEqual(before)
    expect((await rig.with(project => project.history('silver/even' as never))).map(({ operation }) => operation)).toEqual(['RESTORE', 'WRITE', 'WRITE'])
    expect(await rig.rows('from gold.total')).toEqual([{ total: '20' }])
    expect(await rig.planned()).toEqual({})
  })

  it('computes anew where other inputs stand behind the result in the history', async () => {
    await rig.run()
    rig.write('assets/silver/even.ts', EVEN('select n, name from ${this.numbers} where n % 2 = 0 and n > 2'))
    rig.write('assets/bronze/numbers.ts', NUMBERS(12))
    await rig.run()
    rig.write('assets/silver/even.ts', EVEN(SELECT_EVEN))
    await rig.run()
    expect(await rig.rows('from gold.total')).toEqual([{ total: '30' }])
    expect((await rig.with(project => project.history('silver/even' as never, 1)))[0]!.operation).toBe('WRITE')
  })
})

describe('the price of a plan', () => {
  it('is told before it is paid, from what the tables hold, and refused where it is too much', async () => {
    const before = await rig.with(project => project.plan({ selection: ['+gold/total'] }))
    expect(before.steps.map(({ asset, estimate }) => [asset, estimate])).toEqual([
      ['bronze/numbers', { rows: 0, bytes: 0, unknown: [] }],
      ['silver/even', { rows: 0, bytes: 0, unknown: ['bronze/numbers'] }],
      ['gold/total', { rows: 0, bytes: 0, unknown: ['silver/even'] }],
    ])
    await rig.run()
    const { steps } = await rig.with(project => project.plan({ selection: ['+gold/total'], force: true }))
    const bytesOf = (key: string) => rig.sizeOf(key)
    expect(steps.map(({ asset, estimate }) => [asset, estimate])).toEqual([
      ['bronze/numbers', { rows: 0, bytes: 0, unknown: [] }],
      ['silver/even', { rows: 10, bytes: bytesOf('bronze/numbers'), unknown: [] }],
      ['gold/total', { rows: 5, bytes: bytesOf('silver/even'), unknown: [] }],
    ])
    await expect(rig.run(['+gold/total'], { force: true, maxBytes: 100 })).rejects.toMatchObject({ code: 'planning/too-much-to-read' })
    expect(await rig.version('silver/even')).toBe(0)
  })

  it('costs what the engines take, which is nothing here unless the configuration says so', async () => {
    await rig.run()
    const costs = async () => (await rig.with(project => project.plan({ selection: ['+gold/total'], force: true }))).steps.map(({ cost }) => cost)
    expect(await costs()).toEqual([undefined, undefined, undefined])
    await expect(rig.run([], { force: true, maxCost: 0 })).resolves.toMatchObject({ ok: true })
    rig.write('config/local.yaml', 'emrServerless: { application: a, role: r }\nengines: { assets: { gold/total: emr-serverless } }\nprices: { currency: EUR, engines: { duckdb: { perStep: 0.5 }, emr-serverless: { perStep: 1, perGigabyte: 1000000 } } }\n')
    const total = 1 + rig.sizeOf('silver/even') / 1000
    expect(await costs()).toEqual([{ engine: 'duckdb', amount: 0.5, currency: 'EUR' }, { engine: 'duckdb', amount: 0.5, currency: 'EUR' }, { engine: 'emr-serverless', amount: expect.closeTo(total, 6), currency: 'EUR' }])
    const before = await rig.version('silver/even')
    await expect(rig.run(['+gold/total'], { force: true, maxCost: 1.5 })).rejects.toMatchObject({ code: 'planning/too-dear', message: `The plan would cost about ${Number((1 + total).toFixed(6))} EUR, more than the 1.5 that are allowed; most of it for gold/total.` })
    rig.write('config/local.yaml', 'emrServerless: { application: a, role: r }\nengines: { assets: { gold/total: emr-serverless } }\n')
    await expect(rig.run(['+gold/total'], { force: true, maxCost: 1000 })).rejects.toMatchObject({ code: 'planning/price-unknown' })
    expect(await rig.version('silver/even')).toBe(before)
    rig.write('config/local.yaml', 'prices: { engines: { duckdb: { perStep: 0.5 } } }\n')
    expect((await costs())[0]).toEqual({ engine: 'duckdb', amount: 0.5, currency: 'USD' })
    rig.write('config/local.yaml', 'prices: { currency: EUR }\n')
    expect((await costs())[0]).toEqual(undefined)
    rig.write('config/local.yaml', 'prices: { engines: { duckbd: { perStep: 1 } } }\n')
    await expect(rig.run()).rejects.toMatchObject({ code: 'project/bad-config', hint: 'Did you mean duckdb?', place: { file: 'config/local.yaml', line: 1 } })
    rig.write('config/local.yaml', '')
  })
})

describe('a configured value', () => {
  it('makes stale what read it, whether in a query or in TypeScript, and nothing else', async () => {
    rig.write('config/local.yaml', 'variables: { least: 4, upto: 10, unread: 1 }\n')
    rig.write('assets/bronze/numbers.ts', NUMBERS(10).replace('*rows() {', '*rows(context: any) {').replace('n < 10', "n < context.variable('upto')"))
    rig.write('assets/silver/even.ts', EVEN('select n, name from ${this.numbers} where n >= ${context.variable("least")}').replace('query() {', 'query(context: any) {'))
    await rig.run()
    rig.write('config/local.yaml', 'variables: { least: 4, upto: 10, unread: 2 }\n')
    expect(await rig.planned()).toEqual({})
    rig.write('config/local.yaml', 'variables: { least: 5, upto: 10, unread: 2 }\n')
    expect(await rig.planned()).toEqual({ 'silver/even': ['code'], 'gold/total': ['upstream'] })
    rig.write('config/local.yaml', 'variables: { least: 4, upto: 12, unread: 2 }\n')
    expect(Object.keys(await rig.planned())).toEqual(['bronze/numbers', 'gold/aside', 'silver/even', 'gold/total'])
    await rig.run()
    expect(await rig.rows('select max(n) as n from bronze.numbers')).toEqual([{ n: 11 }])
    expect(await rig.planned()).toEqual({})
  })

  it('that is not there is said, with the names that are near', async () => {
    rig.write('config/local.yaml', 'variables: { least: 4 }\n')
    rig.write('assets/silver/even.ts', EVEN('select n, name from ${this.numbers} where n >= ${context.variable("leest")}').replace('query() {', 'query(context: any) {'))
    await expect(rig.planned()).rejects.toMatchObject({ code: 'definition/unknown-variable', hint: 'Did you mean least?' })
  })
})

describe('lakes side by side in one folder', () => {
  it('know nothing of each other, though their versions count alike', async () => {
    rig.write('assets/bronze/numbers.ts', NUMBERS(10))
    const [one, other] = ['one', 'other'].map(name => `${rig.root}/lakes/${name}`)
    await rig.run(['bronze/numbers'], { lake: one })
    rig.write('assets/bronze/numbers.ts', NUMBERS(20))
    await rig.run(['bronze/numbers'], { lake: other })
    const stale = (lake: string | undefined) => rig.with(async project => (await project.plan({ selection: ['bronze/numbers'] })).steps.map(({ causes }) => causes.map(({ code }) => code)), { lake })
    expect([await stale(one), await stale(other)]).toEqual([[['code']], []])
  })
})
