import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import { ProjectRig } from '../rig/project-rig.ts'

let rows: readonly object[] = []
Object.defineProperty(globalThis, 'soldRows', { get: () => rows })

const SALES = (checks: string, method = '') => `
import { Asset, Check, RowAsset, SqlAsset, Upstream, anomaly, between, notNull, primaryKey, rowCount, sql, unique } from 'varve'
/** One row per sale, as told. */
@Asset({ key: 'bronze/told', contract: 'told_bronze' })
export class Told extends RowAsset<any> {
  readonly columns = { id: 'bigint', amount: 'double', email: 'varchar' }
  rows() { return globalThis.soldRows }
}
/** One row per buyer. */
@Asset({ key: 'silver/buyers', checks: [${checks}] })
export class Buyers extends SqlAsset {
  @Upstream(() => Told) readonly told!: Told
  query() { return sql\`select email, coalesce(sum(amount), 0) as amount, count(*) as sales from \${this.told} group by email\` }
  ${method}
}
/** The total. */
@Asset({ key: 'gold/total' })
export class Total extends SqlAsset {
  @Upstream(() => Buyers) readonly buyers!: Buyers
  query() { return sql\`select sum(amount) as total from \${this.buyers}\` }
}`
const CONTRACT = { name: 'told_bronze', version: '1.0.0', source: 'shop', table: 'told', primaryKey: ['id'], columns: [{ name: 'id', type: 'bigint' }, { name: 'amount', type: 'double' }, { name: 'email', type: 'varchar', tags: ['pii:email'] }] }

let rig: ProjectRig
beforeAll(() => {
  rig = new ProjectRig({ 'assets/silver/buyers.ts': SALES(''), 'config/schema_definitions/told_bronze.json': JSON.stringify(CONTRACT) })
})
beforeEach(async () => {
  rig.write('config/dq.yaml', '')
  rig.write('assets/silver/buyers.ts', SALES(''))
  rows = [{ id: 1, amount: 5, email: 'ada@example.com' }, { id: 2, amount: -6, email: null }]
  await rig.run([], { force: true })
})
afterAll(() => rig.remove())

describe('a change of nothing but checks', () => {
  it('is planned and run as checks only, once, and writes nothing', async () => {
    expect(await rig.planned()).toEqual({})
    rig.write('assets/silver/buyers.ts', SALES("between('amount', { min: -10 })"))
    const [version, files] = [await rig.version('silver/buyers'), rig.filesOf('silver/buyers')]
    expect(await rig.planned()).toEqual({ 'silver/buyers': ['checks'] })
    const { ok, steps } = await rig.run()
    expect([ok, steps.map(({ asset, status, checks }) => [asset, status, checks.map(({ check, passed }) => [check, passed])])]).toEqual([true, [['silver/buyers', 'fresh', [['amount is at least -10', true]]]]])
    expect([await rig.version('silver/buyers'), rig.filesOf('silver/buyers')]).toEqual([version, files])
    expect(await rig.planned()).toEqual({})
  })

  it('is found in a method of the asset, too', async () => {
    rig.write('assets/silver/buyers.ts', SALES('', '@Check() hasSales() { return sql`select * from ${this} where sales = 0` }'))
    expect(await rig.planned()).toEqual({ 'silver/buyers': ['checks'] })
    await rig.run()
    rig.write('assets/silver/buyers.ts', SALES('', '@Check() hasSales() { return sql`select * from ${this} where sales < 1` }'))
    expect(await rig.planned()).toEqual({ 'silver/buyers': ['checks'] })
  })

  it('fails where a promise is broken, says that the version is published, and is asked for again', async () => {
    rig.write('assets/silver/buyers.ts', SALES("between('amount', { min: 0 })"))
    const version = await rig.version('silver/buyers')
    for (const _ of [1, 2]) {
      const { ok, steps } = await rig.run()
      expect([ok, steps.map(({ asset, status, error }) => [asset, status, error!.hint])]).toEqual([false, [['silver/buyers', 'check-failed', expect.stringContaining(`version ${version}, which is published`)]]])
    }
    expect(await rig.planned()).toEqual({ 'silver/buyers': ['checks'] })
  })

  it('leaves nothing to be found by what an asset does not promise any more', async () => {
    const failed = () => rig.with(project => project.select(['check:failed'])).catch((error: { code: string }) => error.code)
    rig.write('assets/silver/buyers.ts', SALES("between('amount', { min: 0 })"))
    await rig.run()
    expect(await failed()).toEqual(['silver/buyers'])
    rig.write('assets/silver/buyers.ts', SALES("between('amount', { min: -10 })"))
    await rig.run()
    expect(await failed()).toBe('graph/empty-selection')
  })

  it('does not make an asset stale', async () => {
    rig.write('assets/silver/buyers.ts', SALES("between('amount', { min: 0 })"))
    expect(await rig.with(async project => (await project.status(['silver/buyers'])).map(({ stale }) => stale))).toEqual([false])
    await expect(rig.with(project => project.select(['stale']))).rejects.toMatchObject({ code: 'graph/empty-selection' })
  })
})

describe('how a promise is proven', () => {
  it('needs no look at the rows where the form of the query or the statistics tell', async () => {
    rig.write('assets/silver/buyers.ts', SALES("unique('email'), notNull('amount'), notNull('sales'), primaryKey(['email', 'sales']), between('sales', { min: 1 }), rowCount({ min: 1 }), notNull('email', { severity: 'warn' }), unique('amount')"))
    const step = (await rig.run(['silver/buyers'], { force: true })).steps[0]!
    expect(step.checks.map(({ check, proof, passed }) => [check, proof, passed])).toEqual([
      ['email is unique', 'proven', true], ['amount is never null', 'proven', true], ['sales is never null', 'proven', true], ['email and sales identify a row', 'query', false],
      ['sales is at least 1', 'statistics', true], ['the number of rows is at least 1', 'statistics', true], ['email is never null', 'statistics', false], ['amount is unique', 'query', true],
    ])
  })
})

describe('what is kept of a broken promise', () => {
  it('is how many rows of how many broke it, and a few of them without personal data, for each version', async () => {
    rig.write('assets/silver/buyers.ts', SALES("between('amount', { min: 0 }, { severity: 'warn' })", '@Check({ severity: \'warn\' }) named() { return sql`select email as amount from ${this} where amount < 0` }'))
    await rig.run(['silver/buyers'], { force: true })
    rows = [{ id: 1, amount: -5, email: 'ada@example.com' }, { id: 2, amount: -6, email: 'bob@example.com' }]
    await rig.run([], { force: true })
    const found = await rig.with(async project => project.checkHistory(assetKey('silver/buyers')).map(({ tableVersion, check, failingRows, of, sample }) => ({ tableVersion, check, failingRows, of, sample })))
    const version = (await rig.version('silver/buyers'))!
    expect(found.filter(({ check }) => check === 'amount is at least 0' || check === 'named')).toEqual([
      { tableVersion: version, check: 'amount is at least 0', failingRows: 2, of: 2, sample: [{ amount: -5, sales: 1 }, { amount: -6, sales: 1 }] },
      { tableVersion: version, check: 'named', failingRows: 2, of: 2, sample: undefined },
      { tableVersion: version - 1, check: 'amount is at least 0', failingRows: 1, of: 2, sample: [{ amount: -6, sales: 1 }] },
      { tableVersion: version - 1, check: 'named', failingRows: 1, of: 2, sample: undefined },
    ])
  })
})

describe('an anomaly check', () => {
  it('learns from the published versions before, and not from the value under test', async () => {
    rig.write('assets/silver/buyers.ts', SALES("anomaly('the amount is as ever', sql`sum(amount)`, { least: 4 })"))
    const sum = async (amount: number) => {
      rows = [{ id: 1, amount, email: 'ada@example.com' }]
      const { status, checks } = (await rig.run([], { force: true })).steps.find(({ asset }) => asset === 'silver/buyers')!
      return [status, checks[0]!.metric, checks[0]!.passed]
    }
    for (const amount of [100, 102, 98, 101]) expect(await sum(amount)).toEqual(['materialized', amount, true])
    expect(await sum(5000)).toEqual(['check-failed', 5000, false])
    // What was refused has not become usual, however often it comes.
    for (let i = 0; i < 3; i += 1) expect((await sum(5000))[0]).toBe('check-failed')
    expect(await sum(103)).toEqual(['materialized', 103, true])
    const [checked] = await rig.with(project => project.check(['silver/buyers']))
    expect(checked!.results[0]).toMatchObject({ metric: 103, passed: true })
  })
})

describe('[DIF-2] the least share of rows that keep each promise', () => {
  const RULES = (rates: string) => `pass_rates: { ${rates} }\ndatasets:\n  silver/buyers:\n    - { rule: between, column: amount, min: 0, on_fail: quarantine }\n    - { rule: between, column: sales, max: 0, on_fail: warn }\n`
  const endings = async (rates: string) => {
    rig.write('config/dq.yaml', RULES(rates))
    return (await rig.endings(['silver/buyers'], { force: true }))['silver/buyers']
  }

  it('blocks below it, though the others would be taken out, and leaves what only warns alone: of an asset, a pattern, a layer, or all', async () => {
    // 96 of 100 buyers keep the promise.
    rows = Array.from({ length: 100 }, (_, i) => ({ id: i, amount: i < 4 ? -1 : 1, email: `${i}@example.com` }))
    await rig.run([], { force: true })
    expect(await endings('default: 0.95')).toBe('materialized')
    expect(await endings('default: 0.96')).toBe('materialized')
    expect(await endings('default: 0.97')).toBe('check-failed')
    expect(await endings('default: 0.95, silver/buyers: 0.98')).toBe('check-failed')
    expect(await endings('default: 0.99, silver/buyers: 0.96')).toBe('materialized')
    expect(await endings('default: 0.95, silver: 0.99')).toBe('check-failed')
    expect(await endings("default: 0.95, silver: 0.95, 'silver/buy*': 0.99")).toBe('check-failed')
  })

  it('is refused where it is no share or of nothing that there is', async () => {
    await expect(endings('default: 98')).rejects.toMatchObject({ code: 'project/bad-rule' })
    await expect(endings('silver/buyer: 0.9')).rejects.toMatchObject({ code: 'project/bad-rule', hint: expect.stringContaining('silver/buyers') as string })
  })
})

describe('[Q13-c] the contract of a table', () => {
  it('is held against it by check, and a table that is not there fails', async () => {
    const told = async () => (await rig.with(project => project.check(['bronze/told'])))[0]!.results.map(({ check, passed, error, detail }) => [check, passed, error ?? detail])
    expect(await told()).toEqual([['the table is as its contract told_bronze 1.0.0 says', true, undefined]])
    rig.write('config/schema_definitions/told_bronze.json', JSON.stringify({ ...CONTRACT, version: '2.0.0', columns: [...CONTRACT.columns.slice(1), { name: 'id', type: 'integer' }, { name: 'day', type: 'date' }] }))
    expect(await told()).toEqual([['the table is as its contract told_bronze 2.0.0 says', false, 'id is BIGINT, not INTEGER; day is missing']])
    rig.write('config/schema_definitions/told_bronze.json', JSON.stringify(CONTRACT))
    const empty = await rig.with(project => project.check(['bronze/told']), { lake: `${rig.root}/another` })
    expect(empty).toMatchObject([{ missing: true, results: [{ passed: false, error: 'the table was never materialized' }] }])
  })
})
