import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'

let rows: readonly { readonly id: number | null; readonly amount: number }[] = []
Object.defineProperty(globalThis, 'checkedRows', { get: () => rows })

const SALES = (checks: string) => `
import { Asset, Check, RowAsset, notNull, between, rowCount, sql } from 'varve'
/** One row per sale. */
@Asset({ key: 'bronze/sales', checks: [${checks}] })
export class Sales extends RowAsset<any> {
  readonly columns = { id: 'bigint', amount: 'double' }
  rows() { return globalThis.checkedRows }
}`

const TOTAL = `
import { Asset, Check, SqlAsset, Upstream, sql } from 'varve'
import { Sales } from '../bronze/sales'
/** The total. */
@Asset({ key: 'gold/total' })
export class Total extends SqlAsset {
  @Upstream(() => Sales) readonly sales!: Sales
  query() { return sql\`select sum(amount) as total from \${this.sales}\` }
  @Check()
  isTheSum() { return sql\`select total from \${this} except select sum(amount) from \${this.sales}\` }
}`

let rig: ProjectRig
beforeAll(async () => {
  rig = new ProjectRig({ 'assets/bronze/sales.ts': SALES(''), 'assets/gold/total.ts': TOTAL })
  rows = [{ id: null, amount: 5 }, { id: 2, amount: -1 }, { id: 3, amount: 2 }, { id: 4, amount: 2 }]
  await rig.run()
  rows = [{ id: 1, amount: 5 }]
  await rig.run(['bronze/sales'], { force: true })
  rig.write('assets/bronze/sales.ts', SALES("notNull('id'), between('amount', { min: 0 }, { severity: 'warn' }), rowCount({ min: 2 })"))
})
afterAll(() => rig.remove())

const check = (selection: string[], against?: string) =>
  rig.with(async project => (await project.check(selection, against)).map(({ asset, rows, results }) => [asset, rows, results.map(({ check, passed, failingRows }) => [check, passed, failingRows])]))

describe('checks of tables that are there already', () => {
  it('are held against what is published now, without a run', async () => {
    const before = await rig.version('bronze/sales')
    expect(await check([])).toEqual([
      ['bronze/sales', 1, [['id is never null', true, 0], ['amount is at least 0', true, 0], [expect.stringContaining('row'), false, 1]]],
      ['gold/total', 1, [['isTheSum', false, 1]]],
    ])
    expect(await rig.version('bronze/sales')).toBe(before)
  })

  it('are held against an earlier version, of one table at a time', async () => {
    expect(await check(['bronze/sales'], '0')).toEqual([['bronze/sales', 4, [['id is never null', false, 1], ['amount is at least 0', false, 1], [expect.stringContaining('row'), true, 0]]]])
    await expect(check([], '0')).rejects.toMatchObject({ code: 'project/query-refused' })
  })

  it('tolerate as many rows as they say: of a share, of a number, and of either', async () => {
    const ofFour = async (options: string) => {
      rig.write('assets/bronze/sales.ts', SALES(`notNull('id', ${options})`))
      const [sales] = await rig.with(project => project.check(['bronze/sales'], '0'))
      return sales!.results.map(({ passed, severity, failingRows }) => [passed, severity, failingRows])[0]
    }
    // One of four rows breaks the promise.
    expect(await ofFour('{ mostly: 0.75 }')).toEqual([true, 'error', 1])
    expect(await ofFour('{ mostly: 0.76 }')).toEqual([false, 'error', 1])
    expect(await ofFour("{ mostly: 0.76, severity: 'warn' }")).toEqual([false, 'warn', 1])
    expect(await ofFour('{ warnIf: { rows: 0 }, failIf: { rows: 1 } }')).toEqual([false, 'warn', 1])
    expect(await ofFour('{ warnIf: { ratio: 0.1 }, failIf: { ratio: 0.2 } }')).toEqual([false, 'error', 1])
    expect(await ofFour('{ failIf: { rows: 5, ratio: 0.25 } }')).toEqual([true, 'error', 1])
    await expect(ofFour('{ mostly: 98 }')).rejects.toMatchObject({ code: 'definition/bad-tolerance' })
    await expect(ofFour("{ mostly: 0.9, onFail: 'drop' }")).rejects.toMatchObject({ code: 'definition/bad-tolerance' })
  })

  it('gate a publication by what they tolerate', async () => {
    rows = [{ id: null, amount: 1 }, { id: 1, amount: 1 }, { id: 2, amount: 1 }]
    rig.write('assets/bronze/sales.ts', SALES("notNull('id', { mostly: 0.6 })"))
    expect(await rig.endings(['bronze/sales'], { force: true })).toEqual({ 'bronze/sales': 'materialized' })
    rig.write('assets/bronze/sales.ts', SALES("notNull('id', { mostly: 0.7 })"))
    expect(await rig.endings(['bronze/sales'], { force: true })).toEqual({ 'bronze/sales': 'check-failed' })
  })

  it('fail where they cannot be run, and say of a table that is not there that it is missing', async () => {
    rig.write('assets/bronze/sales.ts', SALES("notNull('identity')"))
    const [sales] = await rig.with(project => project.check(['bronze/sales']))
    expect(sales!.results).toMatchObject([{ passed: false, error: expect.stringContaining('identity') as string }])
    const absent = new ProjectRig({ 'assets/bronze/sales.ts': SALES("notNull('id')") })
    expect(await absent.with(project => project.check([]))).toMatchObject([{ asset: 'bronze/sales', missing: true, results: [{ check: 'id is never null', passed: false, error: 'the table was never materialized' }] }])
    absent.remove()
  })
})
