import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tableRows } from '../rig/lake-table.ts'
import type { ProjectRig } from '../rig/project-rig.ts'
import { shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const written = () => (existsSync(rig.lake) ? readdirSync(rig.lake) : [])

const HEAD = 'id,customer,amount,updated\n'
const GOOD = '9,zoe,9,2026-03-01\n'
const NOW = new Date('2026-03-05T06:00:00Z')

function begin(name: string, content: string | Buffer): void {
  rig = shop({ [name]: '' })
  writeFileSync(join(rig.root, 'exports', name), content)
}

/** What is in silver, and what is in its quarantine by the rules that put it there; nothing of what was read is in neither. */
async function taken(): Promise<{ silver: readonly unknown[]; aside: readonly unknown[] }> {
  const { ok, steps } = await rig.run([], { now: NOW })
  expect([ok, steps.map(({ error }) => error)]).toEqual([true, [undefined, undefined, undefined]])
  const [landing, bronze, silver] = steps.map(({ counts }) => counts)
  expect([bronze!.rowsIn, bronze!.accepted! + bronze!.rejected + bronze!.deduplicated!]).toEqual([landing!.rowsOut, landing!.rowsOut])
  expect(silver!.accepted! + silver!.rejected + silver!.deduplicated!).toBe(bronze!.rowsOut)
  return {
    silver: (await rig.rows(`select order_id, customer, amount, updated::varchar as updated from "silver/orders" where order_id is distinct from '9' order by all`)).map(row => Object.values(row)),
    aside: (await tableRows(join(rig.lake, '_quarantine/silver/orders'), 'rules, row', 'order by row')).map(({ rules, row }) => [rules, (JSON.parse(row as string) as Record<string, unknown>)['_cast_failed']]),
  }
}

describe('a row that is odd', () => {
  const failed = (column: string, text: string) => [[`cast_failed:${column}`], JSON.stringify({ [column]: text })]
  it.each([
    ['NaN as an amount', '1,ann,NaN,2026-03-01\n', [], [failed('amount', 'NaN')]],
    ['infinity as an amount', '1,ann,-Infinity,2026-03-01\n', [], [failed('amount', '-Infinity')]],
    ['an amount of more digits than the type has', '1,ann,99999999999999999999.99,2026-03-01\n', [], [failed('amount', '99999999999999999999.99')]],
    ['an amount with a comma', '1,ann,"12,50",2026-03-01\n', [], [failed('amount', '12,50')]],
    ['a day that no calendar has', '1,ann,1,2026-02-30\n', [], [failed('updated', '2026-02-30')]],
    ['two values that cannot be read', '1,ann,x,y\n', [], [[['cast_failed:amount', 'cast_failed:updated'], '{"amount":"x","updated":"y"}']]],
    ['no key', ',ann,1,2026-03-01\n', [], [[['order_id is never null'], null]]],
    ['the key of another', '1,ann,1,2026-03-01\n1,ann,2,2026-03-01\n', [['1', 'ann', '1.00', '2026-03-01'], ['1', 'ann', '2.00', '2026-03-01']], []],
    ['the year 9999', '1,ann,1,9999-12-31\n', [['1', 'ann', '1.00', '9999-12-31']], []],
    ['the year 0', '1,ann,1,0000-01-01\n', [['1', 'ann', '1.00', '0001-01-01 (BC)']], []],
    ['a NUL byte', '1,an\0n,1,2026-03-01\n', [['1', 'an\0n', '1.00', '2026-03-01']], []],
    ['quotes within a text', '1,an"n,1,2026-03-01\n2,"b""o\nb,",2,2026-03-01\n', [['1', 'an"n', '1.00', '2026-03-01'], ['2', 'b"o\nb,', '2.00', '2026-03-01']], []],
    ['spaces around its values', '1,ann, 1.5 , 2026-03-01 \n', [['1', 'ann', '1.50', '2026-03-01']], []],
  ])('%s', async (_, rows, silver, aside) => {
    begin('orders.csv', HEAD + GOOD + rows)
    expect(await taken()).toEqual({ silver, aside })
  })

  it('a text of ten megabytes, in CSV and in JSON', async () => {
    for (const [name, content] of [['o.csv', `${HEAD}${GOOD}1,${'x'.repeat(10_000_000)},1,2026-03-01\n`], ['o.jsonl', `${JSON.stringify({ id: '1', customer: 'x'.repeat(10_000_000), amount: 1 })}\n${JSON.stringify({ id: '9', customer: 'zoe' })}\n`]] as const) {
      begin(name, content)
      expect((await rig.run([], { now: NOW })).ok).toBe(true)
      expect(await rig.rows(`select order_id, length(customer)::integer as length from "silver/orders" order by 1`)).toEqual([{ order_id: '1', length: 10_000_000 }, { order_id: '9', length: 3 }])
      if (name === 'o.csv') rig.remove()
    }
  })
})

describe('a file that is odd, but whole', () => {
  it.each([
    ['has no row, and a line end behind its header', 'orders.csv', HEAD, []],
    ['has no row, and no line end', 'orders.csv', HEAD.trim(), []],
    ['mixes its line ends', 'orders.csv', 'id,customer,amount,updated\r\n1,ann,1,2026-03-01\r\n2,bob,2,2026-03-01\n\n3,cat,3,2026-03-01\r\n', ['1', '2', '3']],
    ['ends its lines in CR', 'orders.csv', 'id,customer,amount,updated\r1,ann,1,2026-03-01\r2,bob,2,2026-03-01\r', ['1', '2']],
    ['ends without a line end', 'orders.csv', `${HEAD}1,ann,1,2026-03-01`, ['1']],
    ['begins with a byte order mark', 'orders.csv', `\uFEFF${HEAD}1,ann,1,2026-03-01\n`, ['1']],
    ['is a JSON array over several lines', 'orders.json', '[\n {"id": "1", "customer": "a{\\"n"},\n {"id": "2",\n  "customer": "b"}\n]\n', ['1', '2']],
  ])('%s', async (_, name, content, ids) => {
    begin(name, content)
    await taken()
    expect((await rig.rows('select order_id from "silver/orders" order by 1')).map(row => row['order_id'])).toEqual(ids)
  })
})

describe('a file that is refused, with its line, before anything is written', () => {
  it.each([
    ['a record with fields missing, as of a file that was cut off', 'orders.csv', `${HEAD}1,ann,1,2026-03-01\n2,bo`, 3, 'line 3 has 2 fields, but the header names 4'],
    ['a record with fields too many', 'orders.csv', `${HEAD}1,"a\nn",1,2026-03-01\n2,bob,2,2026-03-01,more\n`, 4, 'line 4 has 5 fields, but the header names 4'],
    ['a quote that is never closed', 'orders.csv', `${HEAD}1,"ann,1,2026-03-01\n2,bob,2,2026-03-01\n`, 2, 'the quote that opens in line 2 is never closed'],
    ['bytes that are not UTF-8', 'orders.csv', Buffer.concat([Buffer.from(`${HEAD}1,ann,1,2026-03-01\n2,`), Buffer.from([0xff, 0xfe]), Buffer.from(',2,2026-03-01\n')]), 3, 'line 3 is not UTF-8'],
    ['a sign that ends in the middle', 'orders.csv', Buffer.concat([Buffer.from(`${HEAD}1,an`), Buffer.from([0xe2, 0x82])]), 2, 'line 2 is not UTF-8'],
    ['half a JSON line', 'orders.jsonl', '{"id":"1","customer":"a"}\n{"id":"2","cust', 2, 'line 2 is no JSON: it ends in the middle'],
    ['NaN in JSON', 'orders.jsonl', '{"id":"1","customer":"a"}\n{"id":"2","customer":"b","amount":NaN}\n', 2, 'line 2 is no JSON'],
    ['half a JSON array', 'orders.json', '[{"id":"1","customer":"a"},\n{"id":"2","cust', 2, 'the array ends in the middle'],
    ['a column that is named twice, in other capitals', 'orders.csv', 'id,customer,ID\n1,a,2\n', 1, 'columns 1 and 3 of the header have one name'],
  ])('%s', async (_, name, content, line, problem) => {
    begin(name, content)
    await expect(rig.run([], { now: NOW })).rejects.toMatchObject({ code: 'landing/malformed-file', place: { line }, message: expect.stringContaining(problem) })
    expect(written()).toEqual([])
  })
})
