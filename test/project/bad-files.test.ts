import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { ExportFolder } from '#resources/sources/export-folder'
import { tableRows } from '../rig/lake-table.ts'
import type { ProjectRig } from '../rig/project-rig.ts'
import { shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const NOW = new Date('2026-03-05T06:00:00Z')
const CSV = `id,customer,amount,updated\n${Array.from({ length: 300 }, (_, i) => `${i},customer ${i * 7919},${i}.50,2026-03-01`).join('\n')}\n`
const begin = (name: string, content: string | Buffer): void => {
  rig = shop({ 'orders.csv': '' })
  rmSync(join(rig.root, 'exports/orders.csv'))
  writeFileSync(join(rig.root, 'exports', name), content)
  if (name.endsWith('.gz')) rig.write('assets/landing/shop_orders.ts', LANDING)
}
const LANDING = `import { Asset, FileAsset, Resource, SourceSettings, type SourceFile } from 'varve'
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
@Asset({ key: 'landing/shop_orders', contract: 'shop_orders_bronze' })
export class Landed extends FileAsset {
  @Resource(() => SourceSettings) readonly settings!: SourceSettings
  files(): SourceFile[] {
    return readdirSync(this.settings.dir).map(name => {
      const location = join(this.settings.dir, name)
      const { size, mtimeMs } = statSync(location)
      return { name, location, format: 'csv', gzip: name.endsWith('.gz'), size, identity: size + '-' + mtimeMs, open: () => createReadStream(location) }
    })
  }
}`
const run = () => rig.run([], { now: NOW })
const written = () => (existsSync(rig.lake) ? readdirSync(rig.lake) : [])
const orders = () => rig.rows('select count(*)::integer as n, sum(amount)::varchar as amount from "silver/orders"')

describe('an archive', () => {
  const whole = gzipSync(CSV)
  const halves = [CSV.slice(0, 1000), CSV.slice(1000)].map(half => gzipSync(half))
  it.each([
    ['of several members', Buffer.concat(halves)],
    ['with a member that holds nothing', Buffer.concat([halves[0]!, gzipSync(''), halves[1]!])],
  ])('%s is read to its end', async (_, bytes) => {
    begin('orders.csv.gz', bytes)
    await run()
    expect(await orders()).toEqual([{ n: 300, amount: '45000.00' }])
  })

  const damaged = (at: number) => Buffer.from(whole.map((byte, i) => (i === (at < 0 ? whole.length + at : at) ? byte ^ 0xff : byte)))
  it.each([
    ['that is damaged in the middle', damaged(Math.floor(whole.length / 2)), /is damaged/],
    ['whose checksum is another', damaged(-6), /is damaged \(incorrect data check\)/],
    ['whose length is another', damaged(-2), /is damaged/],
    ['whose second member ends in the middle', Buffer.concat([halves[0]!, halves[1]!.subarray(0, 60)]), /ends in the middle/],
    ['behind which something else stands', Buffer.concat([whole, Buffer.from('and more')]), /behind the end of the gzip archive stand bytes that belong to none/],
    ['behind which zeros stand', Buffer.concat([whole, Buffer.alloc(512)]), /behind the end of the gzip archive/],
  ])('%s is refused before anything is written', async (_, bytes, problem) => {
    begin('orders.csv.gz', bytes)
    await expect(run()).rejects.toMatchObject({ code: 'landing/unreadable-file', message: expect.stringMatching(problem), place: { file: expect.stringMatching(/orders\.csv\.gz$/) }, hint: expect.stringMatching(/nothing of it was taken in/) })
    expect(written()).toEqual([])
  })
})

describe('a text in UTF-16', () => {
  const text = Buffer.from(CSV, 'utf16le')
  it.each([
    ['little-endian, with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), text])], ['big-endian, with its mark', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text).swap16()])],
    ['little-endian, without', text], ['big-endian, without', Buffer.from(text).swap16()],
  ])('%s, is told for what it is', async (_, bytes) => {
    begin('orders.csv', bytes)
    await expect(run()).rejects.toMatchObject({ code: 'landing/malformed-file', message: expect.stringMatching(/it is UTF-16, and not UTF-8/), place: { line: 1 } })
    expect(written()).toEqual([])
  })
})

describe('a file that goes', () => {
  it('between the look and the copy is told, nothing of the batch is taken in, and the next run takes what is there', async () => {
    begin('orders.csv', CSV)
    rig.write('exports/orders.2.csv', CSV.replace('customer 0', 'another'))
    const gone = join(rig.root, 'exports/orders.2.csv')
    const { ok, steps } = await rig.run([], { now: NOW, listen: event => event.type === 'run-started' && rmSync(gone) })
    expect([ok, steps[0]!.status, steps[0]!.error]).toMatchObject([false, 'failed', { code: 'landing/source-changed', message: `${gone} was there when the run began, and can't be read now: it is gone.` }])
    expect(readdirSync(join(rig.lake, 'landing/shop_orders')).filter(name => name === '_manifests')).toEqual([])
    expect((await run()).ok).toBe(true)
    expect(await orders()).toMatchObject([{ n: 300 }])
  })
})

describe('the folder of exports', () => {
  const listed = (stem: string) => Object.assign(new ExportFolder(), { settings: { dir: join(rig.root, 'exports') } }).files(stem)
  it('does not pass over a folder that stands in place of a file, or of a part of one', async () => {
    begin('orders.1.csv', CSV)
    for (const name of ['orders.2.csv', 'products.csv', 'other']) mkdirSync(join(rig.root, 'exports', name))
    for (const [stem, name] of [['orders', 'orders.2.csv'], ['products', 'products.csv']]) {
      await expect(listed(stem!)).rejects.toMatchObject({ code: 'sources/not-a-file', message: `The export ${join(rig.root, 'exports', name!)} is a folder.`, place: { file: join(rig.root, 'exports', name!) } })
    }
    expect(await listed('nothing')).toEqual([])
  })
})

describe('JSON', () => {
  const line = (rest: string) => `{"id":"1","customer":"ann"}\n{"id":"2","customer":"bob",${rest}}\n`
  it.each([
    ['Infinity', line('"amount":-Infinity'), 'line 2 is no JSON: NaN and Infinity are no numbers there'],
    ['a key twice', line('"amount":1,"amount":2'), 'line 2 names a key twice'],
    ['a key twice, within a value', line('"amount":{"a":1,"a":1}'), 'line 2 names a key twice'],
    ['a key twice, once with an escape', line('"amount":1,"\\u0061mount":2'), 'line 2 names a key twice'],
    ['half of a surrogate pair', line('"amount":"\\ud83d"'), 'line 2 holds half of a surrogate pair'],
    ['the other half', line('"amount":"x\\uDE00"'), 'line 2 holds half of a surrogate pair'],
    ['more depth than anything has', line(`"amount":${'['.repeat(200_000)}${']'.repeat(200_000)}`), 'line 2 is nested too deeply'],
    ['an amount of more digits than a double has', line('"amount":1234567890123456.78'), 'line 2 holds a number with more digits than a reader keeps'],
    ['two objects on a line', '{"id":"1","customer":"ann"}{"id":"2"}\n', 'line 1 is no JSON'],
    ['a list in place of an object', '{"id":"1","customer":"ann"}\n[1, 2]\n', 'line 2 is no JSON object'],
    ['a text behind it', line('"amount":1').replace(/}\n$/, '} end\n'), 'line 2 is no JSON'],
    ['quotes of another kind', "{'id':'1','customer':'ann'}\n", 'line 1 is no JSON'],
  ])('with %s is refused with its line, before anything is written', async (_, content, problem) => {
    begin('orders.jsonl', content)
    await expect(run()).rejects.toMatchObject({ code: 'landing/malformed-file', message: expect.stringContaining(problem), place: { line: Number(/line (\d+)/.exec(problem)![1]) }, hint: expect.stringMatching(/./) })
    expect(written()).toEqual([])
  })

  it.each([
    ['an array, with a number between', '[{"id":"1","customer":"ann"}, 5]'], ['an array without a comma', '[{"id":"1","customer":"ann"} {"id":"2","customer":"bob"}]'],
    ['an array with something behind it', '[{"id":"1","customer":"ann"}] ]'], ['an array with something before it', '[ NaN, {"id":"1","customer":"ann"}]'],
  ])('as %s is refused, before anything is written', async (_, content) => {
    begin('orders.json', content)
    await expect(run()).rejects.toMatchObject({ code: 'landing/malformed-file' })
    expect(written()).toEqual([])
  })

  it('keeps whole pairs, escapes, colons in texts, and numbers that a reader keeps', async () => {
    begin('orders.jsonl', [
      '{"id":"1","customer":"\\ud83d\\ude00 \\"a\\": b\\\\","amount":12345678901234.25}', '{"id":"2","customer":"x:y","amount":1234567890.10,"updated":"2026-03-01"}', '{"id":"3","customer":"9999999999999999.99","amount":0.1234567890123456789}',
      '{"id":123456789012345678901234567890,"customer":"","amount":1e400}',
    ].join('\n'))
    expect((await run()).ok).toBe(true)
    expect(await rig.rows('select order_id, customer, amount::varchar as amount from "silver/orders" order by 1')).toEqual([
      { order_id: '1', customer: '😀 "a": b\\', amount: '12345678901234.25' }, { order_id: '2', customer: 'x:y', amount: '1234567890.10' }, { order_id: '3', customer: '9999999999999999.99', amount: '0.12' },
    ])
    expect(await tableRows(join(rig.lake, '_quarantine/silver/orders'), 'rules, row')).toMatchObject([{ rules: ['cast_failed:amount'], row: expect.stringContaining('123456789012345678901234567890') }])
  })
})
