import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ORDERS, CliRig, ending } from './cli-rig.ts'

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const number = expect.any(Number)
const text = expect.any(String)

const held = (name: string, over: object = {}) => ({ name, passed: true, severity: 'error', failingRows: 0, rows: 2, ratio: 0, proof: 'query', durationMs: expect.any(Number) as number, ...over })

describe('the command line on a lake that is made for the first time', () => {
  let rig: CliRig
  beforeAll(() => {
    rig = new CliRig()
  })
  afterAll(() => rig.remove())

  test('plan says why each is written, the same to the byte each time, and leaves no file behind', async () => {
    const [first, second] = [await rig.ask(['plan', '--json']), await rig.ask(['plan', '--json'])]
    expect(first).toEqual({ code: 0, err: '', out: second.out })
    expect(JSON.parse(first.out)).toEqual({
      version: 1,
      steps: ['landing/orders', 'bronze/orders', 'gold/days', 'gold/spending'].map(key => ({ key, causes: [{ code: 'missing', detail: 'never written' }] })),
      fresh: [],
    })
    expect(rig.written()).toEqual([])
  })

  test('materialize writes them and tells each step', async () => {
    const { code, out, err } = await rig.ask(['materialize', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      version: 1,
      run: text,
      ok: true,
      steps: [
        { key: 'landing/orders', status: 'materialized', causes: [{ code: 'missing', detail: 'never written' }], rowsIn: 3, read: 3, rowsOut: 3, accepted: 3, rejected: 0, deduplicated: 0, tableVersion: number, durationMs: number, quality: 'pass', checks: [held('columns are as shop_orders says', { severity: 'warn', rows: null })] },
        { key: 'bronze/orders', status: 'materialized', causes: [{ code: 'missing', detail: 'never written' }], rowsIn: 3, read: 3, rowsOut: 3, accepted: 3, rejected: 0, deduplicated: 0, tableVersion: 0, durationMs: number, quality: 'none', checks: [] },
        { key: 'gold/days', status: 'materialized', causes: [{ code: 'missing', detail: 'never written' }], rowsIn: 3, read: 2, rowsOut: 2, accepted: 2, rejected: 0, deduplicated: 0, tableVersion: 0, durationMs: number, quality: 'none', checks: [] },
        {
          key: 'gold/spending', status: 'materialized', causes: [{ code: 'missing', detail: 'never written' }], rowsIn: 3, read: 2, rowsOut: 2, accepted: 2, rejected: 0, deduplicated: 0, tableVersion: 0, durationMs: number,
          quality: 'pass', checks: [held('customer is never null', { proof: 'statistics' }), held('nobodySpentLessThanNothing')],
        },
      ],
    })
    expect(err).toContain('✓ gold/spending')
  })

  test('a second materialize has nothing to do', async () => {
    const before = rig.written().filter(file => !file.startsWith('state.db'))
    expect(await rig.json('materialize')).toEqual({ version: 1, run: text, ok: true, steps: [] })
    expect((await rig.ask(['materialize'])).out).toBe('✓ All 4 assets are fresh: nothing to do.\n')
    expect(rig.written().filter(file => !file.startsWith('state.db'))).toEqual(before)
  })

  test('list, status, history and lineage answer in their documented forms', async () => {
    expect(await rig.json('list', 'gold/spending')).toEqual({
      version: 1,
      assets: [{ key: 'gold/spending', layer: 'gold', kind: 'sql', upstreams: ['bronze/orders'], write: { mode: 'overwrite' }, partitions: null, owners: [], tags: ['finance'], description: 'One row per customer: what they spent.' }],
    })
    expect(await rig.json('status', 'gold/*')).toEqual({
      version: 1,
      assets: ['gold/days', 'gold/spending'].map(key => ({ key, stale: false, causes: [], lastMaterializedAt: instant, tableVersion: 0 })),
    })
    const { run } = ((await rig.json('runs')) as { runs: { run: string }[] }).runs.at(-1)!
    expect(await rig.json('history', 'gold/spending')).toEqual({
      version: 1, key: 'gold/spending',
      versions: [{ version: 0, at: instant, operation: 'WRITE', run, rows: 2, codeVersion: text, metrics: expect.any(Object), quality: 'pass', checks: [held('customer is never null', { proof: 'statistics' }), held('nobodySpentLessThanNothing')] }],
    })
    expect(await rig.json('lineage', 'gold/spending')).toEqual({
      version: 1,
      nodes: [{ key: 'bronze/orders', layer: 'bronze' }, { key: 'gold/spending', layer: 'gold' }, { key: 'landing/orders', layer: 'landing' }],
      edges: [{ from: 'bronze/orders', to: 'gold/spending' }, { from: 'landing/orders', to: 'bronze/orders' }],
    })
  })

  test('lineage goes as far as it is told, in the format it is told', async () => {
    const [up, down, several] = await Promise.all([rig.json('lineage', 'bronze/orders', '--up'), rig.json('lineage', 'bronze/orders', '--down', '1'), rig.json('lineage', '+bronze/orders')])
    expect([up, down, several].map(graph => (graph as { nodes: { key: string }[] }).nodes.map(({ key }) => key))).toEqual([['bronze/orders', 'landing/orders'], ['bronze/orders', 'gold/days', 'gold/spending'], ['bronze/orders', 'landing/orders']])
    const starts = { mermaid: 'flowchart LR', dot: 'digraph', graphml: '<?xml', gexf: '<?xml' }
    for (const [format, start] of Object.entries(starts)) expect((await rig.ask(['lineage', '--format', format])).out.startsWith(start)).toBe(true)
  })

  test('query reads tables by both of their names, show reads one, and neither loses a digit', async () => {
    const rows = [{ customer: 'ann', spent: '15.00', orders: 2 }, { customer: 'bob', spent: '20.00', orders: 1 }]
    const columns = [{ name: 'customer', type: 'VARCHAR' }, { name: 'spent', type: text }, { name: 'orders', type: 'BIGINT' }]
    expect(await rig.json('query', 'from gold.spending order by customer')).toEqual({ version: 1, columns, rows, truncated: false })
    expect(await rig.json('query', 'from "gold/spending" order by customer', '--limit', '1')).toEqual({ version: 1, columns, rows: rows.slice(0, 1), truncated: true })
    expect(await rig.json('query', 'from gold.spending order by customer', '--limit', '0')).toEqual({ version: 1, columns, rows, truncated: false })
    expect((await rig.ask(['show', 'gold/spending', '--quiet'])).out.split('\n')[0]).toMatch(/^customer +spent +orders$/)
  })

  test('options behind runs prune and runs costs are theirs, though runs has some of these names', async () => {
    expect(await rig.json('runs', 'prune', '--older-than', '1d')).toEqual({ version: 1, before: instant, runs: 0 })
    expect(await rig.json('runs', 'costs', '--since', '1d')).toEqual({ version: 1, since: instant, costs: {}, days: [] })
    for (const words of [['runs', 'prune'], ['runs', 'costs']]) {
      const { code, err } = await rig.ask([...words, '--profile', 'nowhere'])
      expect([code, err.includes('nowhere')]).toEqual([2, true])
    }
  })

  test('runs lists runs, and one by the beginning of its name', async () => {
    const { runs } = (await rig.json('runs')) as { runs: { run: string; status: string; planned: number }[] }
    expect(runs.map(({ status, planned }) => [status, planned])).toEqual([['succeeded', 0], ['succeeded', 0], ['succeeded', 4]])
    const one = (await rig.json('runs', runs[2]!.run.slice(0, 8))) as { run: string; steps: { key: string; status: string }[] }
    expect([one.run, one.steps.map(({ key, status }) => `${key} ${status}`)]).toEqual([runs[2]!.run, ['landing/orders materialized', 'bronze/orders materialized', 'gold/days materialized', 'gold/spending materialized']])
  })

  test('whoever closes the pipe early does no harm', async () => {
    const child = rig.start(['query', 'select range as n from range(200000)', '--limit', '0'])
    child.stdout!.once('data', () => child.stdout!.destroy())
    let err = ''
    child.stderr!.on('data', part => (err += String(part)))
    const code = await new Promise(done => child.once('exit', done))
    expect([code, err.includes('EPIPE')]).toEqual([0, false])
  })

  test('explain tells the whole tree, and forced writes what is fresh', async () => {
    rig.write('exports/orders.csv', `${ORDERS}4,cid,1.00,2026-03-02\n`)
    const { explanation } = (await rig.json('plan', '--explain', 'gold/days')) as { explanation: { causes: unknown[]; because: { key: string; because: { key: string; causes: { code: string }[] }[] }[] } }
    expect(explanation.causes).toEqual([{ code: 'upstream', upstream: 'bronze/orders', detail: 'bronze/orders is written first' }])
    expect(explanation.because[0]!.because[0]).toMatchObject({ key: 'landing/orders', causes: [{ code: 'data', upstream: 'landing/orders' }] })
    const { steps } = (await rig.json('materialize', '--force', 'bronze/orders', 'gold/days', '--dry-run')) as { steps: { key: string; causes: { code: string }[] }[] }
    expect(steps.map(({ key, causes }) => [key, causes[0]!.code])).toEqual([['bronze/orders', 'forced'], ['gold/days', 'forced']])
  })

  test('config check counts what it looked at', async () => {
    expect(await rig.json('config', 'check')).toEqual({ version: 1, ok: true, profile: 'local', assets: 4, contracts: 1, rules: 0, notes: [] })
  })

  test('the state is rebuilt from the lake', async () => {
    const before = await rig.json('status')
    expect(await rig.json('state', 'rebuild')).toMatchObject({ version: 1, assets: 4 })
    expect(await rig.json('status')).toEqual(before)
  })

  test('where JSON was asked for, stdout has nothing else', async () => {
    expect(await rig.ask(['status', '--json', '--quiet'])).toMatchObject({ code: 0, err: '' })
  })
})

describe('a run in which something fails', () => {
  let rig: CliRig
  beforeAll(() => {
    rig = new CliRig({ 'exports/orders.csv': `${ORDERS}5,dan,-7.00,2026-03-02\n` })
  })
  afterAll(() => rig.remove())

  test('ends with 1, tells what broke and how to go on, and finishes the other branches', async () => {
    const { code, out } = await rig.ask(['materialize', '+gold/*', '--jobs', '1'])
    expect(code).toBe(1)
    expect(out).toContain('✓ gold/days  2 rows')
    expect(out.slice(out.indexOf('✗ 3 written')).replace(/in [\d.]+ m?s/, 'in TIME')).toBe(`✗ 3 written, 1 failed in TIME.

✗ gold/spending
  execution/check-failed: gold/spending: "nobodySpentLessThanNothing" does not hold for 1 row.
  "nobodySpentLessThanNothing", as in {"customer":"dan","spent":"-7.00","orders":1}
  Nothing was published; the table does not exist yet.

To go on from here: varve materialize '+gold/*' --jobs 1
`)
  })

  test('tells it in JSON, with exit 1', async () => {
    const { code, out } = await rig.ask(['materialize', '--json'])
    const { ok, steps } = JSON.parse(out) as { ok: boolean; steps: { key: string; status: string; tableVersion: number | null; error: { code: string } }[] }
    expect([code, ok, steps.map(({ key, status, tableVersion, error }) => [key, status, tableVersion, error.code])]).toEqual([1, false, [['gold/spending', 'check-failed', null, 'execution/check-failed']]])
  })
})

describe('a run that is interrupted', () => {
  test('cancels what runs at the first Ctrl-C, says so, and ends with 130', async () => {
    const rig = new CliRig({
      'assets/bronze/slow.ts': `
import { Asset, RowAsset, type RunContext } from 'varve'
/** One row per tick. */
@Asset({ key: 'bronze/slow' })
export class Slow extends RowAsset<{ n: number }> {
  readonly columns = { n: 'bigint' }
  async *rows({ log }: RunContext) {
    log('ticking')
    for (let n = 0; n < 6000; n += 1) {
      await new Promise(done => setTimeout(done, 10))
      yield { n }
    }
  }
}`,
    })
    const child = rig.start(['materialize', 'bronze/slow'])
    child.stdout!.on('data', part => String(part).includes('ticking') && child.kill('SIGINT'))
    const { code, out } = await ending(child)
    expect(code).toBe(130)
    expect(out).toContain('Stopping: what runs is cancelled')
    expect(out).toContain('1 cancelled')
    expect(rig.written().filter(file => file.endsWith('.parquet') || file.endsWith('0.json'))).toEqual([])
    rig.remove()
  })
})

describe('a new project', () => {
  test('runs as it comes, and init overwrites nothing', async () => {
    const rig = new CliRig()
    const { code, out } = await rig.ask(['init', 'my-lake', '--json'])
    const root = join(rig.root, 'my-lake')
    expect([code, (JSON.parse(out) as { dir: string }).dir]).toEqual([0, root])
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({ name: 'my-lake', type: 'module' })
    expect(await rig.ask(['init', 'my-lake'])).toMatchObject({ code: 2, err: expect.stringContaining('has package.json, tsconfig.json') })
    await import('node:fs/promises').then(({ mkdir, symlink }) => mkdir(join(root, 'node_modules')).then(() => symlink(process.cwd(), join(root, 'node_modules', 'varve'))))
    const { spawn } = await import('node:child_process')
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env
    const tested = await ending(spawn(process.execPath, ['--test'], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] }))
    expect(tested).toMatchObject({ code: 0, out: expect.stringMatching(/pass 2/) })
    rig.remove()
  })
})

describe('rows that break a rule', () => {
  test('are listed, shown and released', async () => {
    const rig = new CliRig({
      'exports/orders.csv': `${ORDERS}4,dan,-7.00,2026-03-02\n`,
      'assets/silver/orders.ts': `
import { Asset, SqlAsset, Upstream, between, merge, sql } from 'varve'
import { Orders } from '../bronze/orders'
/** One row per order. */
@Asset({ key: 'silver/orders', write: merge({ on: ['order_id'] }), checks: [between('amount', { min: 0 }, { onFail: 'quarantine' })] })
export class SilverOrders extends SqlAsset {
  @Upstream(() => Orders) readonly raw!: Orders
  query() {
    return sql\`select order_id, amount from \${this.raw}\`
  }
}`,
    })
    try {
      expect((await rig.ask(['quarantine', 'list'])).out).toBe('Nothing is in quarantine.\n')
      expect((await rig.ask(['materialize', '+silver/orders'])).out).toContain('! silver/orders: "amount is at least 0" put into quarantine 1 of 4 rows')
      expect(await rig.json('quarantine', 'list')).toEqual({ version: 1, assets: [{ key: 'silver/orders', open: 1, settled: 0, rules: [{ rule: 'amount is at least 0', rows: 1 }], newestAt: text }] })
      expect((await rig.ask(['quarantine', 'list'])).out).toContain('To see them: varve quarantine show silver/orders')
      expect(await rig.json('quarantine', 'show', 'silver/orders', '--rule', 'amount is at least 0')).toMatchObject({ key: 'silver/orders', rows: [{ rules: ['amount is at least 0'], row: { order_id: 4, amount: '-7.00' } }] })
      expect((await rig.ask(['quarantine', 'show', 'silver/orders'])).out).toContain('{"order_id":4,"amount":"-7.00"}')
      expect(await rig.json('quarantine', 'release', 'silver/orders')).toMatchObject({ ok: true, steps: [{ key: 'silver/orders', accepted: 3, rejected: 1 }] })
      const nothing = await rig.ask(['quarantine', 'release', 'silver/orders', '--rule', 'none'])
      expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('project/nothing-in-quarantine')])
    } finally {
      rig.remove()
    }
  })
})
