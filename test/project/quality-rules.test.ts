import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SeveralMistakes, placeInWords, type ExplainedError } from '../../framework/vocabulary/errors.ts'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import { ProjectRig } from '../rig/project-rig.ts'

const ASSETS = `
import { Asset, RowAsset, SqlAsset, Upstream, sql } from 'varve'
/** One row per buyer. */
@Asset({ key: 'silver/buyers' })
export class Buyers extends RowAsset<object> {
  readonly columns = { buyer: 'varchar' }
  async *rows() {
    yield { buyer: 'ada' }
  }
}
/** One row per order. */
@Asset({ key: 'bronze/orders' })
export class Raw extends RowAsset<object> {
  readonly columns = { id: 'varchar', amount: 'decimal(18,2)', status: 'varchar', buyer: 'varchar', at: 'timestamptz' }
  async *rows() {
    yield { id: 'o1', amount: '1.00', status: 'NEW', buyer: 'ada', at: '2026-03-01T00:00:00Z' }
    yield { id: 'o2', amount: '-1.00', status: 'new', buyer: 'bob', at: '2025-01-01T00:00:00Z' }
    yield { id: null, amount: null, status: null, buyer: null, at: null }
  }
}
/** One row per order. */
@Asset({ key: 'silver/orders' })
export class Orders extends SqlAsset {
  @Upstream(() => Raw) readonly raw!: Raw
  @Upstream(() => Buyers) readonly buyers!: Buyers
  query() {
    return sql\`select * from \${this.raw}\`
  }
}`
const NOW = new Date('2026-03-02T00:00:00Z')

let rig: ProjectRig
beforeEach(() => {
  rig = new ProjectRig({ 'assets/silver/orders.ts': ASSETS })
})
afterEach(() => rig.remove())

const rules = (...lines: string[]) => rig.write('config/dq.yaml', ['datasets:', '  silver/orders:', ...lines.map(line => `    - { ${line} }`)].join('\n'))
const found = async () => (await rig.run([], { now: NOW })).steps.find(({ asset }) => asset === 'silver/orders')!
const mistakes = async (work: Promise<unknown>): Promise<string[]> => {
  const error = await work.then(() => undefined, (refused: ExplainedError) => refused)
  const all = error instanceof SeveralMistakes ? error.mistakes : [error!]
  return all.map(({ code, message, place }) => `${code} ${placeInWords(place!)} ${message}`)
}

describe('config/dq.yaml', () => {
  it.each([
    ['rule: not_null, columns: [id, amount], on_fail: warn', [['id is never null', 1], ['amount is never null', 1]]],
    ['rule: unique, columns: id, on_fail: warn', [['id is unique', 0]]],
    ['rule: primary_key, columns: [id], on_fail: warn', [['id identifies a row', 1]]],
    ['rule: columns_exist, columns: [id, at]', [['id is a column', 0], ['at is a column', 0]]],
    ['rule: value_in_set, column: status, values: [NEW], on_fail: warn', [['status is one of NEW', 1]]],
    ['rule: range, column: amount, min: 0, max: 5, on_fail: warn', [['amount is between 0 and 5', 1]]],
    ['rule: length, column: id, min: 3, max: 1, on_fail: warn', [['id has at least 3 characters', 2], ['id has at most 1 characters', 2]]],
    ['rule: regex, column: status, pattern: "[A-Z]+", on_fail: warn', [['status matches [A-Z]+', 1]]],
    ['rule: timestamp_recent, column: at, days: 30, on_fail: warn', [['at is at most 30 days old', 1]]],
    ['rule: foreign_key, column: buyer, dataset: silver/buyers, on_fail: warn', [['buyer is found in silver/buyers', 1]]],
    ['rule: row_count, min: 9, on_fail: warn', [['the number of rows is at least 9', 6]]],
    ['rule: expression, name: money counts, sql: amount >= 0, on_fail: warn', [['money counts', 2]]],
  ])('[XF-BS-5] carries out { %s }', async (rule, expected) => {
    rules(rule)
    const { status, checks } = await found()
    expect([status, checks.map(({ check, failingRows, error }) => (error === undefined ? [check, failingRows] : [check, error]))]).toEqual(['materialized', expected])
  })

  it('[XF-BS-5] stops, tells, rejects or drops as the rule says', async () => {
    rules('rule: not_null, columns: id, on_fail: quarantine', 'rule: timestamp_recent, column: at, days: 30, on_fail: drop')
    expect((await found()).counts).toMatchObject({ accepted: 1, rejected: 2 })
    expect(await rig.with(async project => (await project.quarantined(assetKey('silver/orders'))).map(row => row.rules))).toEqual([['id is never null']])
    rules('rule: not_null, columns: id')
    expect((await found()).status).toBe('check-failed')
  })

  it('[Q4-d] refuses whatever it cannot carry out, all at once, by name, file and line', async () => {
    rig.write('config/dq.yaml', `datasets:
  silver/order:
    - { rule: not_null, columns: id }
  silver/orders:
    - { rule: not_nul, columns: id }
    - { rule: range, column: amount }
    - rule: regex
      column: id
    - { rule: unique, columns: id, on_fail: quarantine }
    - { rule: not_null, columns: id, on_fail: shout }
    - { rule: foreign_key, column: id, dataset: silver/nothing }
    - { rule: not_null, columns: id, severety: warn }
`)
    expect(await mistakes(rig.run())).toEqual([
      'project/bad-rule config/dq.yaml:3:7 There is no asset silver/order.',
      'project/bad-rule config/dq.yaml:5:7 There is no rule not_nul.',
      'project/bad-rule config/dq.yaml:6:7 The rule range needs min or max, a number.',
      'project/bad-rule config/dq.yaml:7:7 The rule regex needs pattern, a text.',
      'project/bad-rule config/dq.yaml:9:7 "id is unique" is no promise about single rows, so that no row can be its victim: it cannot quarantine.',
      'project/bad-rule config/dq.yaml:10:7 on_fail is "shout".',
      'project/bad-rule config/dq.yaml:11:7 silver/orders does not read silver/nothing.',
      'project/bad-rule config/dq.yaml:12:7 The rule not_null has no setting severety.',
    ])
  })

  it.each([
    ['datasets: [', 'project/bad-config config/dq.yaml:1'],
    ['[1]', 'project/bad-config config/dq.yaml:1'],
    ['datasets:\n  silver/orders: 3', 'project/bad-config config/dq.yaml:2'],
    ['datasets:\n  silver/orders:\n    - id', 'project/bad-config config/dq.yaml:3'],
    ['datasets: {}\nrules: 1', 'project/bad-config config/dq.yaml:2'],
  ])('refuses %j', async (text, where) => {
    rig.write('config/dq.yaml', text)
    expect((await mistakes(rig.run()))[0]).toContain(where)
  })

  it('refuses a column that the table will not have before anything is written', async () => {
    rules('rule: not_null, columns: [id, amuont]')
    expect(await mistakes(rig.run())).toEqual(['project/bad-rule config/dq.yaml:3:7 silver/orders has no column amuont.'])
    expect(await mistakes(rig.with(project => project.checkConfig()))).toEqual(['project/bad-rule config/dq.yaml:3:7 silver/orders has no column amuont.'])
    expect(existsSync(join(rig.lake, 'silver'))).toBe(false)
  })
})

const ORIGINAL = resolve('../shared/platform/original-config/seed_dq.yaml')

describe('the file of rules of the original platform', () => {
  it('is understood in its own form, and what is not carried out is noted', async () => {
    rig.write('config/dq.yaml', `
silver:
  orders:
    level: silver
    checks:
      - type: value_in_set
        column: status
        allowed: [NEW]
        action: quarantine
      - type: file_present
      - type: not_null
        columns: [id]
        action: alert
  nobody:
    checks:
      - { type: not_null, columns: [id] }
alerts:
  enabled: true
`)
    const { rules: count, notes } = await rig.with(project => project.checkConfig())
    expect([count, notes.map(({ lines, note }) => [lines.from, lines.to, note.split(/[.:]/)[0]])]).toEqual([2, [
      [4, 4, 'The layer is the first word of the dataset'],
      [10, 10, 'Landing an asset fails by itself where its source has no file, unless the asset is optional'],
      [16, 16, 'There is no asset silver/nobody'],
      [17, 18, 'Alerts stand in config/<profile>'],
    ]])
    expect((await found()).counts).toMatchObject({ accepted: 2, rejected: 1 })
  })

  it.skipIf(!existsSync(ORIGINAL))('[NXT-3] is carried out or noted, line by line', async () => {
    const { readQualityFile } = await import('../../framework/project/quality-file.ts')
    const { qualityOf } = await import('../../framework/project/quality-rules.ts')
    const { openProject } = await import('../../framework/project/project.ts')
    const project = await openProject({ root: resolve('.'), lake: rig.lake })
    const definitions = project.graph.keys.map(key => project.graph.get(key))
    await project.close()
    const quality = qualityOf(readQualityFile(resolve('.'), ORIGINAL), definitions)
    const covered = new Set([...quality.rules, ...quality.notes].flatMap(({ lines: { from, to } }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)))
    const left = readFileSync(ORIGINAL, 'utf8').split('\n').flatMap((line, i) => (/^\s*(#|$)/.test(line) || covered.has(i + 1) ? [] : [line]))
    // What is left only opens a level (the layers, the tables, and their lists), or is a rate that is asked for.
    expect(left.filter(line => !/^(\s{2}\w+|\w+|\s{4}(checks|\w+|\w+\.\w+)):\s*$|^\s+min_pass_rate:/.test(line))).toEqual([])
    expect(quality.passRates).toEqual({ default: 0.95, 'silver/orders': 0.98, 'silver/fx_rates': 0.95 })
    expect(quality.notes.map(({ note }) => note)).toContainEqual(expect.stringContaining('gold/fact_revenue is that of no asset'))
    expect(quality.rules.map(({ asset, checks }) => [asset, checks.map(({ name, rejects, severity }) => `${name} (${rejects ?? severity})`)])).toMatchObject([
      ['bronze/snowflake_orders', [expect.anything(), expect.anything(), expect.anything(), 'total_amount is a column (error)']],
      ['bronze/snowflake_orders', ['the number of rows is at least 1 (warn)']],
      ['silver/behavior', ['event_name is one of email_open, email_click, page_view, add_to_cart, purchase, login, signup (quarantine)']],
      ['silver/behavior', ['event_ts is at most 30 days old (quarantine)']],
      ['silver/behavior', ['session_id matches ^SESS-\\d+$ (quarantine)']],
      ['silver/orders', ['order_id is a column (error)']],
      ['silver/orders', ['order_id is never null (error)']],
      ['silver/orders', ['order_id identifies a row (error)']],
      ['silver/fx_rates', ['ccy is a column (error)']],
      ['silver/fx_rates', ['ccy is one of USD, EUR, GBP, JPY, CNY, AUD, CAD, CHF (quarantine)']],
      ['gold/customer_360', ['customer_id identifies a row (error)']],
      ['gold/customer_360', ['account_id is found in silver/crm_accounts (error)']],
      ['gold/customer_360', ['customer_id is never null (error)', 'email is never null (error)']],
      ['gold/customer_360', ['lifetime_value_usd >= 0 (quarantine)']],
      ['gold/product_perf_daily', ['date and product_id identify a row (error)']],
      ['silver/orders', ['order_id is a column (error)']],
      ['silver/orders', ['order_id is never null (error)']],
      ['silver/fx_rates', ['ccy is a column (error)']],
      ['silver/fx_rates', ['ccy is one of USD, EUR, GBP, JPY (error)']],
    ])
    expect(quality.notes.map(({ note }) => note)).toEqual(expect.arrayContaining([expect.stringContaining('no asset bronze/behavior'), expect.stringContaining('does not read silver/snowflake_products')]))
  })
})
