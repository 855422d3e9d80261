import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Container } from 'typedi'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadAssets, type Cutting } from '../../framework/project/load-assets.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import type { ExplainedError } from '../../framework/vocabulary/errors.ts'
import { quoteIdentifier, sqlText } from '../../framework/vocabulary/sql.ts'

/** A module of each kind there is to import, and to import from. */
const MODULES: Readonly<Record<string, string>> = {
  'resources/columns.ts': `export const ID = 'id'\nexport type Column = string\nexport interface Named { readonly name: string }\nexport default function amount(): string { return 'amount' }`,
  'resources/conditions.ts': `import { ID, type Column } from './columns'\nexport * from './columns'\nexport { default as amountColumn } from './columns'\nexport const positive = (column: Column) => \`\${column} > 0 and \${ID} is not null\``,
  'resources/all.ts': `export * as conditions from './conditions'\nexport { ID as key } from './columns'`,
  'resources/even.ts': `import { odd } from './odd'\nexport const even = (n: number): boolean => n === 0 || odd(n - 1)`,
  'resources/odd.ts': `import { even } from './even'\nexport const odd = (n: number): boolean => n !== 0 && even(n - 1)`,
  'assets/bronze/orders.ts': `import { Asset, SqlAsset, sql } from 'varve'
/** One row per order. */
@Asset({ key: 'bronze/orders' })
export class Orders extends SqlAsset { query() { return sql\`select 1 as id, 2 as amount\` } }`,
  'assets/silver/positive.ts': `import { Asset, RowAsset, Upstream } from '#framework'
import amount, { ID } from '#resources/columns'
import { conditions, key } from '#resources/all'
import { even } from '../../resources/even'
import { Orders } from '../bronze/orders'
@Asset({ key: 'silver/positive' })
export class Positive extends RowAsset<{ amount: number }> {
  readonly columns = { amount: 'integer' }
  @Upstream(() => Orders) readonly orders!: Orders
  async *rows() { yield { amount: 1 } }
}
export const text = [amount(), ID, key, conditions.positive(conditions.amountColumn()), even(4)].join(' ')`,
  'assets/gold/sums.ts': `import { Asset, SqlAsset, Upstream, sql } from 'varve'
import * as silver from '../silver/positive'
export { text as again } from '../silver/positive'
abstract class Base extends SqlAsset { note = silver.text }
@Asset({ key: 'gold/sums' })
export class Sums extends Base {
  @Upstream(() => silver.Positive) readonly positive!: silver.Positive
  query() { return sql\`select sum(amount) as total from \${this.positive}\` }
}`,
}
let root: string
let cache: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'varve-segments-'))
  cache = join(root, '.varve', 'cache')
  writeFileSync(join(root, 'package.json'), '{ "type": "module", "imports": { "#resources/*": "./resources/*.ts" } }')
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'))
  for (const [path, text] of Object.entries(MODULES)) write(path, text)
})
afterEach(() => rmSync(root, { recursive: true }))

const SMALL: Cutting = { from: 0, sizes: { least: 1, most: 2 } }
const WHOLE: Cutting = { from: Infinity }

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** What a load comes to, as plain values. */
async function loaded(cutting: Cutting) {
  const { definitions, moduleDigest, others } = await loadAssets(root, cache, { others: ['resources/all.ts', 'assets/gold/sums.ts'], cutting })
  return {
    assets: definitions.map(definition => {
      const body = definition.body(Container.of(crypto.randomUUID()))
      return { key: definition.key, place: definition.place, description: definition.description, upstreams: definition.upstreams.map(({ asset }) => asset()), text: body.kind === 'sql' && sqlText(body.query({} as never), quoteIdentifier) }
    }),
    digests: Object.fromEntries(definitions.map(({ key }) => [key, moduleDigest(key)])),
    again: others.get('assets/gold/sums.ts')!['again'],
  }
}

const segments = () => {
  const folders = readdirSync(join(cache, 'segments')).map(name => join(cache, 'segments', name)).sort((a, b) => statSync(a).birthtimeMs - statSync(b).birthtimeMs)
  return Object.fromEntries(readdirSync(folders.at(-1)!).map(name => [name, statSync(join(folders.at(-1)!, name)).ino]))
}

test('a project that is bundled in segments is the same project', async () => {
  const whole = await loaded(WHOLE)
  expect(whole.assets.map(({ key, upstreams }) => [key, upstreams])).toEqual([['bronze/orders', []], ['gold/sums', ['silver/positive']], ['silver/positive', ['bronze/orders']]])
  expect(whole.again).toBe('amount id id amount > 0 and id is not null true')
  expect(whole.digests['silver/positive' as AssetKey]).toMatch(/^[0-9a-f]{64}$/)
  rmSync(cache, { recursive: true })
  expect(await loaded(SMALL)).toEqual(whole)
  expect(Object.keys(segments()).length).toBeGreaterThan(4)
  expect(await loaded(SMALL)).toEqual(whole)
})

test('where a helper changed, its segment is bundled anew and those of other modules are not', async () => {
  const before = await loaded(SMALL)
  const files = segments()
  write('resources/conditions.ts', MODULES['resources/conditions.ts']!.replace('> 0', '> 1'))
  const after = await loaded(SMALL)
  expect(after.again).toBe('amount id id amount > 1 and id is not null true')
  expect(after.digests['silver/positive' as AssetKey]).not.toBe(before.digests['silver/positive' as AssetKey])
  // What a query makes is known by the query.
  expect(after.digests['bronze/orders' as AssetKey]).toBeUndefined()
  const now = segments()
  expect(Object.keys(now)).toEqual(Object.keys(files))
  const changed = Object.keys(now).filter(name => now[name] !== files[name])
  expect(changed).toHaveLength(2)
  expect(changed).toContain('main.mjs')
  rmSync(cache, { recursive: true })
  expect(after).toEqual(await loaded(WHOLE))
})

test('a module that comes, goes or exports another name is noticed where it matters', async () => {
  await loaded(SMALL)
  write('resources/columns.ts', MODULES['resources/columns.ts']!.replace("export const ID = 'id'", "export const ID = 'id'\nexport const MORE = 'more'"))
  write('resources/conditions.ts', MODULES['resources/conditions.ts']!.replace('ID,', 'ID, MORE,').replace('${ID}', '${MORE}'))
  write('assets/bronze/more.ts', MODULES['assets/bronze/orders.ts']!.replaceAll('rders', 'thers'))
  const changed = await loaded(SMALL)
  expect(changed.again).toBe('amount id id amount > 0 and more is not null true')
  expect(changed.assets.map(({ key }) => key)).toEqual(['bronze/others', 'bronze/orders', 'gold/sums', 'silver/positive'])
  rmSync(join(root, 'assets/bronze/more.ts'))
  expect((await loaded(SMALL)).assets.map(({ key }) => key)).toEqual(['bronze/orders', 'gold/sums', 'silver/positive'])
})

test('what is wrong is said as of a whole bundle', async () => {
  const mistake = async (cutting = SMALL) => {
    try {
      await loaded(cutting)
    } catch (error) {
      const { code, message, place } = error as ExplainedError
      return { code, message, place }
    }
    throw new Error('nothing was thrown')
  }
  write('resources/odd.ts', 'export const odd = (')
  expect(await mistake()).toMatchObject({ code: 'project/assets-do-not-compile', place: { file: 'resources/odd.ts', line: 1 } })
  write('resources/odd.ts', MODULES['resources/odd.ts']!.replace('./even', './evn'))
  expect(await mistake()).toMatchObject({ code: 'project/assets-do-not-compile', place: { file: 'resources/odd.ts' } })
  for (const path of ['resources/odd.ts', 'resources/all.ts']) {
    write(path, MODULES[path]!.replace(/\{ (even|ID)/, '{ evn'))
    expect(await mistake()).toEqual(await mistake(WHOLE))
    write(path, MODULES[path]!)
  }
  expect((await loaded(SMALL)).assets).toHaveLength(3)
})

test('a module that imports when it pleases is bundled with all others', async () => {
  write('resources/odd.ts', `${MODULES['resources/odd.ts']!}\nexport const later = () => import('./columns')`)
  expect((await loaded(SMALL)).assets).toHaveLength(3)
  expect(readdirSync(cache)).toContain('assets.mjs')
})

test('a module of SQL assets has a digest where an asset that TypeScript makes leans on it under another name', async () => {
  // It is exported by a module that comes first, and so is no declaration of its own.
  write('assets/bronze/all.ts', "export { Orders } from './orders'")
  write('assets/silver/positive.ts', MODULES['assets/silver/positive.ts']!.replace("from '../bronze/orders'", "from '../bronze/orders'\nimport '../bronze/orders'"))
  const digest = async (cutting: Cutting) => (await loaded(cutting)).digests['silver/positive' as AssetKey]
  const before = await digest(SMALL)
  write('assets/bronze/orders.ts', MODULES['assets/bronze/orders.ts']!.replace('2 as amount', '3 as amount'))
  const after = await digest(SMALL)
  expect(after).not.toBe(before)
  write('assets/bronze/orders.ts', `// A comment\n${MODULES['assets/bronze/orders.ts']!.replace('2 as amount', '3 as amount')}`)
  expect(await digest(SMALL)).toBe(after)
  expect(await digest(WHOLE)).toBe(after)
})
