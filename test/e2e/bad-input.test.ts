import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { CONTRACT, CliRig, ORDERS } from './cli-rig.ts'

let rig: CliRig
afterEach(() => rig.remove())

interface Mistake {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly place?: { readonly file: string; readonly line?: number; readonly column?: number }
}

/** Asks for a run that must be refused: exit 2, one mistake with its hint, no stack, and not a file written. */
async function refusal(words: readonly string[] = ['materialize']): Promise<Mistake> {
  const { code, out, err } = await rig.ask([...words, '--json'])
  const { version, error } = JSON.parse(out) as { version: number; error: Mistake }
  expect([code, version, err]).toEqual([2, 1, ''])
  expect([error.code, error.message, error.hint]).toEqual([expect.stringMatching(/^[a-z]+\/[a-z-]+$/), expect.stringMatching(/./), expect.stringMatching(/./)])
  expect(rig.written()).toEqual([])
  return error
}

/** A file in the rig's exports that is no text. */
const bytes = (name: string, content: Buffer) => writeFileSync(join(rig.root, 'exports', name), content)

test('a selection that no asset has', async () => {
  rig = new CliRig()
  expect(await refusal(['materialize', '+gold/spendings'])).toEqual({ code: 'graph/unknown-asset', message: 'There is no asset gold/spendings.', hint: 'Did you mean gold/spending?' })
})

test('a person is told the code, the place and the hint, on stderr and without a stack', async () => {
  rig = new CliRig()
  rig.write('config/local.yaml', 'sources:\n  dir: exports\nlayer: [landing, bronze, gold]\n')
  expect(await rig.ask(['materialize'])).toEqual({
    code: 2, out: '',
    err: 'project/bad-config: config/local.yaml has the unknown key "layer".\n  in config/local.yaml:3:1\n  Did you mean layers or lake?\n',
  })
})

test('a selection that cannot be read', async () => {
  rig = new CliRig()
  const { code, message } = await refusal(['plan', 'gold/* and (tag:finance'])
  expect([code, message.includes('^')]).toEqual(['graph/selection-syntax', true])
})

test('assets that wait for each other', async () => {
  rig = new CliRig({
    'assets/gold/a.ts': "import { Asset, SqlAsset, Upstream, sql } from 'varve'\nimport { B } from './b'\n@Asset({ key: 'gold/a' })\nexport class A extends SqlAsset {\n  @Upstream(() => B) readonly b!: B\n  query() { return sql`from ${this.b}` }\n}\n",
    'assets/gold/b.ts': "import { Asset, SqlAsset, Upstream, sql } from 'varve'\nimport { A } from './a'\n@Asset({ key: 'gold/b' })\nexport class B extends SqlAsset {\n  @Upstream(() => A) readonly a!: A\n  query() { return sql`from ${this.a}` }\n}\n",
  })
  const { code, message, place } = await refusal()
  expect(code).toBe('graph/cycle')
  expect(message).toMatch(/gold\/a -> gold\/b -> gold\/a|gold\/b -> gold\/a -> gold\/b/)
  expect(place?.file).toMatch(/^assets\/gold\/[ab]\.ts$/)
})

test('an upstream whose class is not there', async () => {
  rig = new CliRig()
  rig.write('assets/gold/days.ts', "import { Asset, SqlAsset, Upstream, sql } from 'varve'\nimport { Ordres } from '../bronze/orders'\n@Asset({ key: 'gold/days' })\nexport class Days extends SqlAsset {\n  @Upstream(() => Ordres) readonly orders!: Ordres\n  query() { return sql`from ${this.orders}` }\n}\n")
  const { code, message } = await refusal()
  expect(code).toMatch(/^(definition\/upstream-not-loaded|project\/assets-do-not-compile)$/)
  expect(message).toMatch(/gold\/days|Ordres/)
})

test('an upstream that is no asset of the project', async () => {
  rig = new CliRig({
    'resources/elsewhere.ts': "import { Asset, SqlAsset, sql } from 'varve'\n@Asset({ key: 'bronze/ordres' })\nexport class Ordres extends SqlAsset {\n  query() { return sql`select 1 as n` }\n}\n",
    'assets/gold/more.ts': "import { Asset, SqlAsset, Upstream, sql } from 'varve'\nimport { Ordres } from '../../resources/elsewhere'\n@Asset({ key: 'gold/more' })\nexport class More extends SqlAsset {\n  @Upstream(() => Ordres) readonly orders!: Ordres\n  query() { return sql`from ${this.orders}` }\n}\n",
  })
  expect(await refusal()).toMatchObject({ code: 'graph/missing-upstream', message: 'gold/more reads bronze/ordres as "orders", but no such asset was loaded.', hint: 'Did you mean bronze/orders or landing/orders?', place: { file: 'assets/gold/more.ts', line: 4 } })
})

test('configuration with a mistyped key', async () => {
  rig = new CliRig()
  rig.write('config/local.yaml', 'sources:\n  dir: exports\nlayer: [landing, bronze, gold]\n')
  expect(await refusal()).toEqual({ code: 'project/bad-config', message: 'config/local.yaml has the unknown key "layer".', hint: 'Did you mean layers or lake?', place: { file: 'config/local.yaml', line: 3, column: 1 } })
})

test('configuration that is no YAML', async () => {
  rig = new CliRig()
  rig.write('config/local.yaml', 'jobs: 2\nsources: [\n')
  const { code, place } = await refusal()
  expect([code, place?.file, place?.line]).toEqual(['project/bad-config', 'config/local.yaml', expect.any(Number)])
})

test('a profile that does not exist', async () => {
  rig = new CliRig({ 'config/prod.yaml': 'jobs: 2\n' })
  expect(await refusal(['plan', '--profile', 'prdo'])).toMatchObject({ code: 'project/unknown-profile', hint: 'Did you mean prod?' })
})

test('a contract with a column of a wrong type', async () => {
  rig = new CliRig()
  rig.write('config/schema_definitions/shop_orders.json', JSON.stringify({ ...CONTRACT, columns: CONTRACT.columns.map(column => (column.name === 'amount' ? { ...column, type: 'decimals' } : column)) }, null, 2))
  const { code, message, place } = await refusal()
  expect([code, message.includes('"decimals"'), place?.file, place?.line]).toEqual(['project/bad-config', true, 'config/schema_definitions/shop_orders.json', expect.any(Number)])
})

test('an export without a required column', async () => {
  rig = new CliRig({ 'exports/orders.csv': ORDERS.replaceAll(/^([^,]*,[^,]*),[^,]*/gm, '$1') })
  const { code, message, hint, place } = await refusal()
  expect([code, hint.includes('shop_orders'), place?.file.endsWith('exports/orders.csv')]).toEqual(['landing/missing-required-column', true, true])
  expect(message).toContain('lacks the required column amount of landing/orders')
})

test('an export that is named .gz and is none', async () => {
  rig = new CliRig()
  bytes('orders-2.csv.gz', Buffer.from(ORDERS))
  const { code, message, place } = await refusal()
  expect([code, place?.file.endsWith('orders-2.csv.gz')]).toEqual(['landing/unreadable-file', true])
  expect(message).toContain('is named .gz but is no gzip archive')
})

test('an export whose archive ends in the middle', async () => {
  rig = new CliRig()
  const whole = gzipSync(`${ORDERS}${Array.from({ length: 2000 }, (_, i) => `${i + 10},x${i * 7919},${i}.00,2026-03-01`).join('\n')}\n`)
  bytes('orders-2.csv.gz', whole.subarray(0, whole.length / 2))
  const { code, message } = await refusal()
  expect([code, message.includes('the gzip archive ends in the middle')]).toEqual(['landing/unreadable-file', true])
})

test('an export without a byte in it', async () => {
  rig = new CliRig({ 'exports/orders-2.csv': '' })
  const { code, message, place } = await refusal()
  expect([code, message.endsWith('orders-2.csv is empty.'), place?.file.endsWith('orders-2.csv')]).toEqual(['landing/empty-file', true, true])
})

test('a source that has no file', async () => {
  rig = new CliRig()
  mkdirSync(join(rig.root, 'nothing'))
  expect(await refusal(['materialize', '--sources', 'nothing'])).toMatchObject({ code: 'landing/no-source-file', message: 'The source of landing/orders has no file.' })
})

test('a query that names a table it has not declared', async () => {
  rig = new CliRig()
  rig.write('assets/gold/days.ts', "import { Asset, SqlAsset, Upstream, sql } from 'varve'\nimport { Orders } from '../bronze/orders'\n/** One row. */\n@Asset({ key: 'gold/days' })\nexport class Days extends SqlAsset {\n  @Upstream(() => Orders) readonly orders!: Orders\n  query() { return sql`select count(*) as n from ${this.orders} join gold.spending using (customer)` }\n}\n")
  const { code, message, place } = await refusal()
  expect([code, message, place?.file]).toEqual(['graph/undeclared-read', 'The query of gold/days reads gold.spending, which is not among its upstreams (bronze/orders).', 'assets/gold/days.ts'])
})

test('a lake folder that cannot be written', async () => {
  rig = new CliRig({ 'occupied/lake': 'a file' })
  const { code, message, place } = await refusal(['materialize', '--lake', 'occupied/lake/in'])
  expect([code, message.includes('occupied/lake/in'), place?.file.endsWith('occupied/lake/in')]).toEqual(['project/lake-not-writable', true, true])
})

test('a query on a table that was never made, on one that is none, and on a file', async () => {
  rig = new CliRig()
  expect(await refusal(['query', 'from gold.spending'])).toMatchObject({ code: 'project/not-materialized', hint: 'Run: varve materialize +gold/spending' })
  expect(await refusal(['query', 'from gold.spendings'])).toMatchObject({ code: 'project/unknown-table' })
  expect(await refusal(['query', "from read_csv('/etc/passwd')"])).toMatchObject({ code: 'project/query-refused' })
  expect(await refusal(['show', 'gold/spendings'])).toMatchObject({ code: expect.stringMatching(/^(project|graph)\/unknown/) })
  expect(await refusal(['history', 'gold/spendings'])).toMatchObject({ code: 'graph/unknown-asset', hint: 'Did you mean gold/spending?' })
  expect(await refusal(['show', 'spending'])).toMatchObject({ code: 'definition/invalid-key' })
})

test('options that cannot be meant', async () => {
  rig = new CliRig()
  expect(await refusal(['plan', '--now', 'yesterday'])).toMatchObject({ code: 'cli/wrong-argument' })
  expect(await refusal(['materialize', '--jobs', '0'])).toMatchObject({ code: 'cli/wrong-argument' })
  expect(await refusal(['materialize', '--frce'])).toMatchObject({ code: 'cli/unknown-option', hint: 'Did you mean --force?' })
  expect(await refusal(['materialise'])).toMatchObject({ code: 'cli/unknown-command', hint: 'Did you mean materialize?' })
})

test('a state file that is damaged is said, left as it is, and rebuilt when that is asked for', async () => {
  rig = new CliRig()
  await rig.ask(['materialize'])
  const state = join(rig.root, 'state.db')
  writeFileSync(state, 'once upon a time '.repeat(400))
  for (const suffix of ['-wal', '-shm']) writeFileSync(state + suffix, '')
  const { code, err } = await rig.ask(['plan'])
  expect([code, err.includes('state/unreadable'), err.includes('varve state rebuild')]).toEqual([2, true, true])
  expect(await rig.ask(['state', 'rebuild'])).toMatchObject({ code: 0, out: "Restored 4 materializations of 4 assets from the lake's commits.\n" })
  expect(await rig.json('plan')).toMatchObject({ steps: [] })
})
