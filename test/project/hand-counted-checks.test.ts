import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CheckResult } from '../../framework/vocabulary/check-result.ts'
import { ProjectRig } from '../rig/project-rig.ts'

let rows: readonly object[] = []
Object.defineProperty(globalThis, 'handCounted', { get: () => rows })

const ASSETS = `
import { Asset, RowAsset, SqlAsset, Upstream, sql } from 'varve'
/** One row per city. */
@Asset({ key: 'bronze/cities' })
export class Cities extends RowAsset<any> {
  readonly columns = { city: 'varchar', people: 'double' }
  async *rows() { yield { city: 'Rome', people: 3 }; yield { city: 'Oslo', people: 4 } }
}
/** One row per reading. */
@Asset({ key: 'bronze/readings' })
export class Readings extends RowAsset<any> {
  readonly columns = { id: 'bigint', city: 'varchar', value: 'double', cents: 'decimal(18,2)', step: 'integer', at: 'timestamptz' }
  rows() { return globalThis.handCounted }
}
/** One row per reading. */
@Asset({ key: 'silver/readings' })
export class Checked extends SqlAsset {
  @Upstream(() => Readings) readonly readings!: Readings
  @Upstream(() => Cities) readonly cities!: Cities
  query() { return sql\`select * from \${this.readings}\` }
}`
const NOW = new Date('2026-03-02T00:00:00Z')

const reading = (id: number | null, city: string | null, value: number | null, cents: string | null, step: number | null, at: string | null) => ({ id, city, value, cents, step, at })
const TABLES = {
  several: [
    reading(1, 'Rome', 1, '1.50', 1, '2026-03-01T00:00:00Z'),
    reading(1, 'Oslo', NaN, '2.50', 3, '2026-03-01T12:00:00Z'),
    reading(1, 'Bonn', null, null, 2, '2025-01-01T00:00:00Z'),
    reading(2, null, -5, '-1.00', 4, null),
    reading(null, 'Rome', Infinity, '4.00', 4, '2026-02-28T00:00:00Z'),
    reading(null, '', 100, '0.00', null, '2026-03-01T12:00:00Z'),
  ],
  one: [reading(1, 'Rome', 7, '7.00', 1, '2026-03-01T12:00:00Z')],
  oneOfNulls: [reading(null, null, null, null, null, null)],
  onlyNaN: [reading(1, 'Rome', NaN, '7.00', 1, '2026-03-01T12:00:00Z')],
  empty: [],
}

let rig: ProjectRig
beforeAll(() => {
  rig = new ProjectRig({ 'assets/silver/readings.ts': ASSETS })
})
afterAll(() => rig.remove())

/** By rule, as it stands in YAML: the broken rows of each table, counted by hand. Of a promise about the table as a whole, 1 where it is broken. */
const COUNTS: readonly (readonly [rule: string, several: number, one: number, oneOfNulls: number, onlyNaN: number, empty: number])[] = [
  ['rule: not_null, column: id', 2, 0, 1, 0, 0],
  // NaN is a value.
  ['rule: notNull, column: value', 1, 0, 1, 0, 0],
  // Of three rows with id 1 two are too many; NULLs share nothing.
  ['rule: unique, column: id', 2, 0, 0, 0, 0],
  ['rule: unique, columns: [id, city]', 0, 0, 0, 0, 0],
  ['rule: primary_key, column: id', 4, 0, 1, 0, 0],
  ['rule: primary_key, columns: [id, city]', 3, 0, 1, 0, 0],
  ["rule: one_of, column: city, values: ['Rome', 'Oslo']", 2, 0, 0, 0, 0],
  // NaN lies between no two numbers; infinity lies above all.
  ['rule: between, column: value, min: 0', 2, 0, 0, 1, 0],
  ['rule: between, column: value, max: 50', 3, 0, 0, 1, 0],
  ['rule: between, column: value, min: 0, max: 50', 4, 0, 0, 1, 0],
  ['rule: between, column: cents, min: 0', 1, 0, 0, 0, 0],
  ["rule: between, column: at, min: '2026-01-01'", 1, 0, 0, 0, 0],
  ["rule: matches, column: city, pattern: '[A-Z][a-z]+'", 1, 0, 0, 0, 0],
  ['rule: min_length, column: city, min: 4', 1, 0, 0, 0, 0],
  ['rule: max_length, column: city, max: 3', 4, 1, 0, 1, 0],
  ['rule: relationship, column: city, dataset: bronze/cities', 2, 0, 0, 0, 0],
  ['rule: row_count, min: 2', 0, 1, 1, 1, 2],
  ['rule: row_count, min: 1, max: 4', 2, 0, 0, 0, 1],
  ["rule: row_count, min: 2, where: city = 'Rome'", 0, 1, 2, 1, 2],
  ['rule: recent, column: at, days: 30', 1, 0, 0, 0, 0],
  // The newest is twelve hours old. Where there is none, it is not fresh.
  ['rule: fresh, column: at, within: 12h', 0, 0, 1, 0, 1],
  ['rule: fresh, column: at, within: 11h', 1, 1, 1, 1, 1],
  // By time: 2, 4, 1, and at the same instant 3 and NULL. Only 1 is lower than the one before it.
  ['rule: monotonic, column: step, by: at', 1, 0, 0, 0, 0],
  ['rule: monotonic, column: step, by: cents, strictly: true', 1, 0, 0, 0, 0],
  ['rule: monotonic, column: step, by: at, per: city, direction: down', 0, 0, 0, 0, 0],
  // 1.50 + 2.50 - 1.00 + 4.00 + 0.00 = 7; the cities have 7 people.
  ['rule: sum_equals, column: cents, dataset: bronze/cities, to_column: people', 0, 0, 1, 0, 1],
  ["rule: sum_equals, column: cents, dataset: bronze/cities, to_column: people, where: city = 'Rome'", 1, 0, 1, 0, 1],
  ['rule: sum_equals, column: step, dataset: bronze/cities, to_column: people, give_or_take: 6', 1, 0, 1, 0, 1],
  ['rule: schema, has: { id: bigint, value: double, cents: "decimal(18,2)" }', 0, 0, 0, 0, 0],
  ['rule: schema, has: { id: integer, absent: text }', 2, 2, 2, 2, 2],
  ['rule: schema, has: { id: bigint }, closed: true', 5, 5, 5, 5, 5],
  ['rule: expression, sql: value >= 0', 2, 0, 1, 0, 0],
  ['rule: no_rows, sql: select * from this where city not in (select city from "bronze/cities")', 2, 0, 0, 0, 0],
  // Nothing is known yet of what to expect.
  ['rule: anomaly, metric: sum(value)', 0, 0, 0, 0, 0],
  ["rule: not_null, column: value, where: city = 'Bonn'", 1, 0, 0, 0, 0],
  ["rule: unique, column: id, where: city <> 'Oslo'", 1, 0, 0, 0, 0],
]

describe('each check, against counts by hand', () => {
  it.each(Object.keys(TABLES).map((table, i) => [table, i] as const))('over a table of %s', async (table, at) => {
    rows = TABLES[table as keyof typeof TABLES]
    rig.write('config/dq.yaml', ['datasets:', '  silver/readings:', ...COUNTS.map(([rule]) => `    - { ${rule}, severity: warn }`)].join('\n'))
    const step = (await rig.run([], { now: NOW, force: true })).steps.find(({ asset }) => asset === 'silver/readings')!
    expect(step.checks.map(({ failingRows, error }, i) => [COUNTS[i]![0], error ?? failingRows])).toEqual(COUNTS.map(([rule, ...counts]) => [rule, counts[at]]))
    expect(step.checks.map(({ passed, failingRows }) => passed === (failingRows === 0))).not.toContain(false)
    // The published table is held to the same, with the same outcome.
    const [checked] = await rig.with(project => project.check(['silver/readings']), { now: NOW })
    expect(checked!.results.map(({ failingRows }) => failingRows)).toEqual(step.checks.map(({ failingRows }) => failingRows))
  })

  it('fails where it cannot be run, whatever it tolerates, and does not say the value that could not be read', async () => {
    rows = TABLES.one
    rig.write('config/dq.yaml', '')
    await rig.run([], { force: true })
    rig.write('config/dq.yaml', `datasets:
  silver/readings:
    - { rule: not_null, column: nothing, mostly: 0.1 }
    - { rule: expression, sql: "cast(city as integer) > 0", severity: warn }
    - { rule: no_rows, sql: "select cast(city as integer) as n from (select 'nowhere' as city)" }
`)
    const results = await rig.with(async project => (await project.check(['silver/readings']))[0]!.results)
    expect(results.map(({ passed, severity, error }: CheckResult) => [passed, severity, error!.length > 0])).toEqual([[false, 'error', true], [false, 'warn', true], [false, 'error', true]])
    rig.write('config/dq.yaml', 'datasets: { silver/readings: [{ rule: no_rows, sql: select * from }] }\n')
    await expect(rig.with(project => project.check(['silver/readings']))).rejects.toMatchObject({ code: 'graph/not-a-query' })
  })
})
