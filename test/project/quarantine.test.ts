import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import { ProjectRig } from '../rig/project-rig.ts'

type Order = Readonly<{ id: string | null; amount: string; currency: string; buyer?: string | null }>

/** What the source sends at the moment. */
let source: readonly Order[]
Object.defineProperty(globalThis, 'orders', { get: () => source })

const BRONZE = `
import { Asset, RowAsset } from 'varve'
/** One row per order. */
@Asset({ key: 'bronze/orders', volatile: true })
export class BronzeOrders extends RowAsset<object> {
  readonly columns = { id: 'varchar', amount: 'decimal(18,2)', currency: 'varchar', buyer: 'varchar', rate: 'double', tags: 'varchar[]', _source_file: 'varchar', _source_row: 'bigint' }
  async *rows() {
    for (const [i, order] of globalThis.orders.entries()) yield { buyer: null, ...order, rate: NaN, tags: ['a', 'b'], _source_file: 'orders.csv', _source_row: i + 1 }
  }
}
/** One row per buyer. */
@Asset({ key: 'bronze/buyers' })
export class Buyers extends RowAsset<object> {
  readonly columns = { buyer: 'varchar' }
  async *rows() {
    yield { buyer: 'ada' }
  }
}`
const SILVER = (checks: string, more = '', query = 'select * from ${this.raw}') => `
import { Asset, SqlAsset, Upstream, append, between, castable, expression, matches, merge, notNull, oneOf, overwritePartition, relationship, scd2, sql, unique } from 'varve'
import { BronzeOrders, Buyers } from '../bronze/orders'
/** One row per order. */
@Asset({ key: 'silver/orders', checks: [${checks}]${more} })
export class Orders extends SqlAsset {
  @Upstream(() => BronzeOrders) readonly raw!: BronzeOrders
  @Upstream(() => Buyers) readonly buyers!: Buyers
  query() {
    return sql\`${query}\`
  }
}`

const GOOD = { id: 'o1', amount: '10.50', currency: 'EUR' }
const RULES = `notNull('id', { onFail: 'quarantine' }), between('amount', { min: 0 }, { onFail: 'quarantine' }), oneOf('currency', ['EUR', 'USD'], { onFail: 'drop' })`

let rig: ProjectRig
beforeEach(() => {
  source = [GOOD, { id: null, amount: '-3.00', currency: 'EUR' }, { id: 'o3', amount: '9999999999999999.99', currency: 'XXX' }, { id: 'o4', amount: '-1', currency: 'USD' }]
  rig = new ProjectRig({ 'assets/bronze/orders.ts': BRONZE, 'assets/silver/orders.ts': SILVER(RULES) })
})
afterEach(() => rig.remove())

const silver = assetKey('silver/orders')
const stepOf = ({ steps }: RunResult) => steps.find(({ asset }) => asset === silver)!
const ids = async () => (await rig.rows('select id from "silver/orders" order by id')).map(({ id }) => id)
const aside = (all = false) => rig.with(async project => (await project.quarantined(silver, { all })).map(({ rules, row }) => [row['id'], rules]).sort())
const release = (filter: { rule?: string; ids?: readonly string[] } = {}) => rig.with(project => project.release(silver, filter, { signal: new AbortController().signal, listen: () => {} }))

describe('a rule that rejects rows', () => {
  it('[XF-BS-6] keeps them aside with their rules, their run, where they came from and all that they held, and counts what it drops', async () => {
    const run = await rig.run([], { now: new Date('2026-03-01T06:00:00Z') })
    expect(run.ok).toBe(true)
    expect(stepOf(run).counts).toEqual({ rowsIn: 5, read: 4, rowsOut: 1, accepted: 1, rejected: 3, deduplicated: 0 })
    expect(await ids()).toEqual(['o1'])
    const rows = await rig.with(project => project.quarantined(silver))
    expect(rows).toEqual([
      { id: expect.any(String) as string, rules: ['id is never null', 'amount is at least 0'], row: { id: null, amount: '-3.00', currency: 'EUR', buyer: null, rate: 'nan', tags: ['a', 'b'], _source_file: 'orders.csv', _source_row: 2 }, sourceFile: 'orders.csv', sourceRow: 2, run: run.run, rejectedAt: '2026-03-01T06:00:00Z', settledRun: null, settledAt: null },
      { id: expect.any(String) as string, rules: ['amount is at least 0'], row: expect.objectContaining({ id: 'o4', amount: '-1.00' }) as object, sourceFile: 'orders.csv', sourceRow: 4, run: run.run, rejectedAt: '2026-03-01T06:00:00Z', settledRun: null, settledAt: null },
    ])
    expect(await rig.with(project => project.quarantine())).toEqual([{ key: 'silver/orders', open: 2, settled: 0, rules: [{ rule: 'amount is at least 0', rows: 2 }, { rule: 'id is never null', rows: 1 }], newestAt: '2026-03-01T06:00:00Z' }])
  })

  it('says of each rule how many of how many it took out', async () => {
    const { checks } = stepOf(await rig.run())
    expect(checks.map(({ check, passed, severity, failingRows, rejects }) => [check, passed, severity, failingRows, rejects])).toEqual([
      ['id is never null', false, 'warn', 1, { how: 'quarantine', of: 4 }],
      ['amount is at least 0', false, 'warn', 2, { how: 'quarantine', of: 4 }],
      ['currency is one of EUR, USD', false, 'warn', 1, { how: 'drop', of: 4 }],
    ])
  })

  it('enters the same row once, however often it comes, and two rows that equal each other twice', async () => {
    source = [...source, { id: 'o4', amount: '-1', currency: 'USD' }]
    rig.write('assets/silver/orders.ts', SILVER(RULES, '', 'select * exclude (_source_row) from ${this.raw}'))
    await rig.run()
    await rig.run([], { force: true })
    await rig.run([], { force: true })
    expect(await aside()).toEqual([[null, ['id is never null', 'amount is at least 0']], ['o4', ['amount is at least 0']], ['o4', ['amount is at least 0']]])
    expect(rig.filesOf('_quarantine/silver/orders').filter(name => name.endsWith('.json'))).toHaveLength(1)
  })

  it('costs no second writing, and leaves no table, where nothing breaks it', async () => {
    source = [GOOD]
    const run = await rig.run()
    expect(stepOf(run).counts).toMatchObject({ accepted: 1, rejected: 0 })
    expect(() => rig.filesOf('_quarantine')).toThrow('ENOENT')
    expect(await rig.with(project => project.quarantine())).toEqual([])
  })

  it('settles what a table that is made as a whole no longer rejects', async () => {
    await rig.run()
    source = [GOOD, { id: 'o4', amount: '1', currency: 'USD' }]
    await rig.run()
    expect(await ids()).toEqual(['o1', 'o4'])
    expect(await aside()).toEqual([])
    expect(await aside(true)).toHaveLength(2)
    source = [GOOD, { id: null, amount: '-3.00', currency: 'EUR' }]
    await rig.run()
    expect(await aside()).toEqual([[null, ['id is never null', 'amount is at least 0']]])
  })

  it('leaves no trace of rows that a broken promise keeps from being published', async () => {
    rig.write('assets/silver/orders.ts', SILVER(`${RULES}, matches('id', 'x.*')`))
    const run = await rig.run()
    expect(stepOf(run).status).toBe('check-failed')
    expect(await aside()).toEqual([])
    expect(rig.filesOf('_quarantine/silver/orders').filter(name => name.endsWith('.parquet'))).toEqual([])
  })

  it('is logic: another rule makes the asset stale', async () => {
    await rig.run()
    rig.write('assets/silver/orders.ts', SILVER(RULES.replace('min: 0', 'min: -2')))
    expect(await rig.planned()).toMatchObject({ 'silver/orders': expect.arrayContaining(['code']) as string[] })
    rig.write('assets/silver/orders.ts', SILVER(`${RULES}, notNull('currency')`))
    expect((await rig.planned())['silver/orders']).not.toContain('code')
  })

  it('may ask another table, and runs again when that one changes', async () => {
    rig.write('assets/silver/orders.ts', SILVER(`relationship('buyer', () => Buyers, 'buyer', { onFail: 'quarantine' })`))
    source = [{ ...GOOD, buyer: 'ada' }, { ...GOOD, id: 'o2', buyer: 'bob' }, { ...GOOD, id: 'o3' }]
    await rig.run()
    expect([await ids(), await aside()]).toEqual([['o1', 'o3'], [['o2', ['buyer is found in its other table']]]])
    rig.write('assets/bronze/orders.ts', BRONZE.replace(`yield { buyer: 'ada' }`, `yield { buyer: 'ada' }; yield { buyer: 'bob' }`))
    await rig.run(['bronze/buyers', 'silver/orders'])
    expect([await ids(), await aside()]).toEqual([['o1', 'o2', 'o3'], []])
  })

  it('parts rows that lie in folders by a column, and puts them back there', async () => {
    rig.write('assets/silver/orders.ts', SILVER(RULES, `, write: overwritePartition({ by: ['currency'] })`))
    source = [GOOD, { ...GOOD, id: 'o2', currency: 'USD' }, { ...GOOD, id: 'o3', amount: '-1' }]
    expect(stepOf(await rig.run()).counts).toMatchObject({ accepted: 2, rejected: 1 })
    expect(await ids()).toEqual(['o1', 'o2'])
    expect(rig.filesOf('silver/orders').filter(name => name.startsWith('currency='))).toHaveLength(4)
  })

  it('[XF-BS-3] keeps a value that could not be cast, and the row that it came with', async () => {
    source = [{ ...GOOD, id: 'o1', buyer: null }, { ...GOOD, id: 'o2', buyer: '{"day":"31/31/2026","n":"x"}' }]
    rig.write('assets/silver/orders.ts', SILVER('castable()', '', 'select id, null::date as day, buyer as _cast_failed from ${this.raw}'))
    await rig.run()
    expect(await rig.rows('from silver.orders')).toEqual([{ id: 'o1', day: null }])
    const [row] = await rig.with(project => project.quarantined(silver))
    expect([row!.rules, row!.row]).toEqual([['cast_failed:day', 'cast_failed:n'], { id: 'o2', day: null, _cast_failed: '{"day":"31/31/2026","n":"x"}' }])
    rig.write('assets/silver/orders.ts', SILVER('castable()', '', 'select id from ${this.raw}'))
    expect(stepOf(await rig.run()).error).toMatchObject({ code: 'storage/no-such-column', message: expect.stringContaining('_cast_failed') as string })
  })

  it('refuses a promise that no row can break by itself', async () => {
    rig.write('assets/silver/orders.ts', SILVER(`unique('id', { onFail: 'quarantine' })`))
    await expect(rig.run()).rejects.toMatchObject({ code: 'definition/not-about-rows' })
  })
})

describe('a release', () => {
  it.each([['merge', "merge({ on: ['id'] })"], ['append', "append({ key: ['id'] })"], ['scd2', "scd2({ on: ['id'], compare: 'all' })"]])('[XF-BS-6] of a table that keeps what it had (%s) runs the rows again, exactly as they were', async (_, mode) => {
    rig.write('assets/silver/orders.ts', SILVER(RULES.replace(`notNull('id', { onFail: 'quarantine' }), `, ''), `, write: ${mode}`))
    source = [GOOD, { id: 'o4', amount: '-1.05', currency: 'USD' }, { id: 'o5', amount: '-100', currency: 'USD' }]
    await rig.run()
    // The source has forgotten them.
    source = [GOOD]
    await rig.run()
    expect(await aside()).toHaveLength(2)
    rig.write('assets/silver/orders.ts', SILVER(RULES.replace(`notNull('id', { onFail: 'quarantine' }), `, '').replace('min: 0', 'min: -50'), `, write: ${mode}`))
    const run = await release()
    expect(run.ok).toBe(true)
    expect(await rig.rows(`select id, amount, rate::varchar as rate, tags from "silver/orders" order by id`)).toEqual([{ id: 'o1', amount: '10.50', rate: 'nan', tags: ['a', 'b'] }, { id: 'o4', amount: '-1.05', rate: 'nan', tags: ['a', 'b'] }])
    expect(await aside()).toEqual([['o5', ['amount is at least -50']]])
  })

  it.each([['a table that is made as a whole', '', ''], ['slices that one query makes', `, partitions: daily({ column: 'day', start: '2026-01-01', open: true }), batch: 'all'`, `select *, date '2026-03-01' as day from \${this.raw}`]])('of %s makes it anew, and settles every row that is not rejected any longer', async (_, more, query) => {
    const silverOf = (rules: string) => SILVER(rules, more, query || undefined).replace('castable,', 'castable, daily,')
    source = [GOOD, { id: 'o4', amount: '-1.05', currency: 'USD' }, { id: 'o5', amount: '-2', currency: 'USD' }, { id: 'o6', amount: '-100', currency: 'USD' }]
    const rules = `between('amount', { min: 0 }, { onFail: 'quarantine' })`
    rig.write('assets/silver/orders.ts', silverOf(rules))
    await rig.run()
    expect(await aside()).toHaveLength(3)
    rig.write('assets/silver/orders.ts', silverOf(rules.replace('min: 0', 'min: -50')))
    const [row] = await rig.with(project => project.quarantined(silver))
    expect((await release({ ids: [row!.id] })).ok).toBe(true)
    expect([await ids(), await aside()]).toEqual([['o1', 'o4', 'o5'], [['o6', ['amount is at least -50']]]])
  })

  it('takes the rows of one rule, or of some ids, and says where there is nothing', async () => {
    rig.write('assets/silver/orders.ts', SILVER(RULES, `, write: append({ key: ['id'] })`))
    await rig.run()
    await expect(release({ rule: 'no such rule' })).rejects.toMatchObject({ code: 'project/nothing-in-quarantine' })
    const [row] = await rig.with(project => project.quarantined(silver, { rule: 'id is never null' }))
    expect((await release({ ids: [row!.id] })).ok).toBe(true)
    expect(await aside()).toHaveLength(2)
  })
})

describe('rows that were made', () => {
  it.each([
    ['append', "append({ key: ['id'] })"],
    ['merge', "merge({ on: ['id'], newerBy: 'amount' })"],
  ])('[XF-BS-6] are accepted, rejected or duplicates, and nothing else (%s)', async (_, mode) => {
    source = [GOOD, GOOD, { ...GOOD, amount: '11' }, { id: 'o4', amount: '-1', currency: 'USD' }, { id: 'o5', amount: '1', currency: 'USD' }]
    rig.write('assets/silver/orders.ts', SILVER(RULES, `, write: ${mode}`))
    expect(stepOf(await rig.run()).counts).toMatchObject({ accepted: 2, rejected: 1, deduplicated: 2 })
    expect(await ids()).toEqual(['o1', 'o5'])
  })
})
