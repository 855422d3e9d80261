import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generator } from '#resources/demo/five-systems'
import type { RunResult } from '../../framework/execution/run-result.ts'
import type { Project } from '../../framework/project/project.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { inProject } from './platform-rig.ts'

/** One table of each system: its file, the column that names a row, and those that are spoiled. */
const TABLES = {
  crm: { file: 'crm_accounts.csv', bronze: 'bronze/crm_accounts', silver: 'silver/crm_accounts', key: 'Id', as: 'account_id', amount: 'AnnualRevenue', date: 'CreatedDate', text: 'Industry' },
  snowflake: { file: 'snowflake_orders.csv', bronze: 'bronze/snowflake_orders', silver: 'silver/orders', key: 'order_id', as: 'order_id', amount: 'total_amount', date: 'order_date', text: 'promo_code' },
  redshift: { file: 'redshift_behavior.csv', bronze: 'bronze/redshift_behavior', silver: 'silver/behavior', key: 'behavior_id', as: 'event_id', amount: 'conversion_value', date: 'event_timestamp', text: 'page_url' },
  fx: { file: 'fx_rates.csv', bronze: 'bronze/fx_rates', silver: 'silver/fx_rates', key: 'quote_ccy', as: 'quote_currency', amount: 'fx_rate', date: 'trade_date', text: undefined },
  kafka: { file: 'kafka_events.csv', bronze: 'bronze/kafka_events', silver: 'silver/order_events', key: 'event_id', as: 'event_id', amount: 'value', date: 'timestamp', text: 'headers' },
} as const
type System = keyof typeof TABLES
const SYSTEMS = Object.keys(TABLES) as System[]

interface Bad {
  readonly amount?: string
  readonly date?: string
  readonly text?: string
  readonly key?: string
}

/** What is wrong with a row: of its amount, its date or a text of it. */
const BAD = {
  'NaN': { amount: 'NaN' }, 'infinite': { amount: '-Infinity' }, 'too many digits': { amount: '12345678901234567890.12' }, 'a word for a number': { amount: 'many' },
  'year 0': { date: '0000-01-01' }, 'year 9999': { date: '9999-12-31' }, 'year 10000': { date: '10000-01-01' }, 'February 30': { date: '2026-02-30' },
  'NUL byte': { text: 'a\0b' }, 'ten megabytes': { text: 'x'.repeat(10_000_000) }, 'quotes and line ends': { text: 'a "b"\r\nc' }, 'no ASCII': { text: '李😀\u202e' },
  'the key twice': {}, 'no key': { key: '' },
} satisfies Readonly<Record<string, Bad>>
type Kind = keyof typeof BAD
const KINDS = Object.keys(BAD) as Kind[]
const marked = (kind: Kind): string => `B${String(KINDS.indexOf(kind) + 10)}`

const KEPT = 'in silver'
const ASIDE = 'kept aside of silver'
const NO_TEXT = 'has no text'
/** What becomes of the row in each system. */
const FATES: Readonly<Record<Kind, string | Readonly<Record<System, string>>>> = {
  'NaN': ASIDE, 'infinite': ASIDE, 'too many digits': ASIDE, 'a word for a number': ASIDE,
  // No row without its day or its key can be found again in a table that is merged by it.
  'year 0': KEPT, 'year 9999': KEPT, 'year 10000': KEPT, 'February 30': { crm: ASIDE, snowflake: ASIDE, redshift: ASIDE, fx: 'kept aside of bronze', kafka: ASIDE },
  'NUL byte': { crm: KEPT, snowflake: KEPT, redshift: KEPT, fx: NO_TEXT, kafka: KEPT }, 'ten megabytes': { crm: KEPT, snowflake: KEPT, redshift: KEPT, fx: NO_TEXT, kafka: KEPT },
  'quotes and line ends': { crm: KEPT, snowflake: KEPT, redshift: KEPT, fx: NO_TEXT, kafka: KEPT }, 'no ASCII': { crm: KEPT, snowflake: KEPT, redshift: KEPT, fx: NO_TEXT, kafka: KEPT },
  'the key twice': KEPT, 'no key': 'kept aside of bronze',
}

const quoted = (field: string): string => (/[",\r\n\0]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
function fields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? plain!)
}

/** Adds one row for each kind to the export of a system. */
function spoil(dir: string, system: System): void {
  const { file, key, amount, date, text } = TABLES[system]
  const path = join(dir, file)
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  const names = fields(header!)
  const like = lines.find(line => system !== 'kafka' || line.includes('""amount""'))!
  const model = Object.fromEntries(names.map((name, i) => [name, fields(like)[i]!]))
  // The CRM is asked for what is new.
  if (system === 'crm') model['LastModifiedDate'] = '2026-11-22'
  let offset = 1 + Math.max(...lines.map(line => Number(fields(line)[names.indexOf('offset')] ?? 0)))
  const added = KINDS.flatMap(kind => {
    const bad: Bad = BAD[kind]
    if (bad.text !== undefined && text === undefined) return []
    const row = { ...model, [key]: bad.key ?? marked(kind) }
    if (bad.amount !== undefined) row[amount] = system === 'kafka' ? row['value']!.replace(/"amount": ?[^,}]*/, `"amount": ${bad.amount}`) : bad.amount
    if (bad.date !== undefined) row[date] = bad.date
    if (bad.text !== undefined) row[text!] = bad.text
    return Array.from({ length: kind === 'the key twice' ? 2 : 1 }, () => names.map(name => quoted(name === 'offset' ? String(offset++) : row[name]!)).join(','))
  })
  writeFileSync(path, `${[header, ...lines, ...added].join('\n')}\n`)
}

describe('a bad row of each system', () => {
  const home = mkdtempSync(join(tmpdir(), 'varve-bad-rows-'))
  let run: RunResult
  const good = new Map<System, number>()

  beforeAll(async () => {
    await generator.generate({ customers: 300, seed: 11, dir: join(home, 'sources') })
    await inProject(home, 1, project => project.materialize({ selection: ['+silver/*'] }, { signal: new AbortController().signal, listen: () => undefined }))
    await inProject(home, 1, async project => { for (const system of SYSTEMS) good.set(system, await rowsIn(project, TABLES[system].silver)) })
    for (const system of SYSTEMS) spoil(join(home, 'sources'), system)
    run = await inProject(home, 2, project => project.materialize({ selection: [] }, { signal: new AbortController().signal, listen: () => undefined }))
  }, 300_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('holds up no table, up to the warehouses', () => {
    expect(run.steps.filter(({ status }) => status !== 'materialized').map(({ asset, status, error }) => [asset, status, (error as Error | undefined)?.message])).toEqual([])
  })

  it('is kept once: in silver, or aside with what is wrong', async () => {
    const found = await inProject(home, 2, async project => Object.fromEntries(await Promise.all(SYSTEMS.map(async system => [system, await fates(project, system)]))))
    expect(found).toEqual(Object.fromEntries(SYSTEMS.map(system => [system, Object.fromEntries(KINDS.map(kind => {
      const fate = FATES[kind]
      return [kind, typeof fate === 'string' ? fate : fate[system]]
    }))])))
  })

  it('takes no other row with it', async () => {
    await inProject(home, 2, async project => {
      for (const system of SYSTEMS) {
        const { silver, as } = TABLES[system]
        const { rows } = await project.query(`select count(*)::integer as n from "${silver}" where not (starts_with("${as}", 'B') and length("${as}") = 3)`)
        expect([system, rows[0]!['n']]).toEqual([system, good.get(system)])
      }
    })
  })

  it('is counted: what was read was accepted, rejected or a duplicate', () => {
    for (const { asset, counts } of run.steps.filter(({ asset }) => Object.values(TABLES).some(({ bronze }) => bronze === asset))) expect([asset, counts.accepted! + counts.rejected + counts.deduplicated!]).toEqual([asset, counts.rowsIn])
    for (const { asset, counts } of run.steps.filter(({ asset }) => Object.values(TABLES).some(({ silver }) => silver === asset))) expect([asset, counts.accepted! + counts.rejected + counts.deduplicated!]).toEqual([asset, counts.read])
  })
})

const rowsIn = async (project: Project, table: string): Promise<number> => Number((await project.query(`select count(*)::integer as n from "${table}"`)).rows[0]!['n'])

/** Where the row of each kind is to be found, as often as it is there. */
async function fates(project: Project, system: System): Promise<Readonly<Record<Kind, string>>> {
  const { bronze, silver, as, text } = TABLES[system]
  const { rows } = await project.query(`select "${as}" as key from "${silver}"`, { limit: 1_000_000 })
  const places = [
    ...rows.map(({ key }) => [key ?? null, KEPT] as const),
    ...(await project.quarantined(bronze as AssetKey)).map(({ row }) => [row[as] ?? null, 'kept aside of bronze'] as const),
    ...(await project.quarantined(silver as AssetKey)).map(({ row }) => [row[as] ?? null, ASIDE] as const),
  ]
  return Object.fromEntries(KINDS.map(kind => {
    const bad: Bad = BAD[kind]
    const found = places.filter(([key]) => key === (bad.key === '' ? null : marked(kind))).map(([, place]) => place)
    return [kind, bad.text !== undefined && text === undefined ? NO_TEXT : found.join(' and ') || 'lost']
  })) as Record<Kind, string>
}
