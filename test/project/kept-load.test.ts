import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { loadFrame, type ProjectFrame } from '../../framework/project/frame.ts'
import type { ExplainedError } from '../../framework/vocabulary/errors.ts'
import { quoteIdentifier, sqlText } from '../../framework/vocabulary/sql.ts'

const asset = (key: string, { reads = [], more = '', options = '', query = 'select 1 as id, 2 as amount', imports = '' }: { reads?: readonly string[]; more?: string; options?: string; query?: string; imports?: string } = {}) => {
  const [layer, name] = key.split('/') as [string, string]
  return `import { Asset, Check, SqlAsset, Upstream, append, column, daily, merge, notNull, previousPartition, relationship, sql, timeWindow, type QueryContext } from 'varve'
${imports}
${reads.map(read => `import { ${nameOf(read)} } from '../${read}'`).join('\n')}
/** Rows of ${name}. */
@Asset({ key: '${layer}/${name}'${options} })
export class ${nameOf(key)} extends SqlAsset {
  ${reads.map(read => `@Upstream(() => ${nameOf(read)}) readonly ${read.split('/')[1]}!: ${nameOf(read)}`).join('\n  ')}
  query(${/dialect|variable|contract/.test(query) ? 'context: QueryContext' : ''}) { return sql\`${query}${reads.map(read => ` from \${this.${read.split('/')[1]}}`).slice(0, 1).join('')}\` }
  ${more}
}`
}
const nameOf = (key: string) => key.split(/[/_]/).slice(1).map(word => word[0]!.toUpperCase() + word.slice(1)).join('')

const MODULES: Readonly<Record<string, string>> = {
  'resources/columns.ts': `import { deeper } from './deeper'\nexport const COLUMNS = ['id', deeper]`,
  'resources/deeper.ts': `export const deeper = 'amount'`,
  'resources/world.ts': `export const schema = () => process.env['KEPT_LOAD_TEST'] ?? 'nothing'`,
  'assets/bronze/orders.ts': asset('bronze/orders'),
  'assets/bronze/days.ts': asset('bronze/days', { query: "select 1 as id, date '2026-01-01' as day", options: ", partitions: daily({ column: 'day', start: '2026-01-01' }), batch: 'all'" }),
  'assets/silver/plain.ts': asset('silver/plain', { reads: ['bronze/orders'], query: 'select 1 as id, amount', options: ", write: merge({ on: ['id'] }), owners: ['team:a'], tags: ['x'], freshness: { failAfter: '2h' }, checks: [notNull('id'), relationship('id', () => Orders, 'id')]", more: '@Check() noneIsNegative() { return sql`select * from ${this} where amount < 0 or id not in (select id from ${this.orders})` }' }),
  'assets/silver/helped.ts': asset('silver/helped', { reads: ['bronze/orders'], imports: `import { COLUMNS } from '../../resources/columns'`, query: 'select ${column(COLUMNS[1]!)} as amount' }),
  'assets/silver/worldly.ts': asset('silver/worldly', { reads: ['bronze/orders'], imports: `import { schema } from '../../resources/world'`, query: 'select ${schema()} as schema' }),
  'assets/silver/configured.ts': asset('silver/configured', { reads: ['bronze/orders'], query: "select ${context.variable('country')} as country" }),
  'assets/silver/spoken.ts': asset('silver/spoken', { reads: ['bronze/orders'], query: 'select ${context.dialect} as dialect' }),
  'assets/silver/windowed.ts': `import { Asset, SqlAsset, Upstream, daily, sql, timeWindow } from 'varve'
import { Days } from '../bronze/days'
@Asset({ key: 'silver/windowed', partitions: daily({ column: 'day', start: '2026-01-01' }) })
export class Windowed extends SqlAsset {
  @Upstream(() => Days, { partitions: timeWindow({ from: -2 }) }) readonly days!: Days
  query() { return sql\`select * from \${this.days}\` }
}`,
  'assets/silver/made.ts': `import { Asset, RowAsset } from 'varve'
import { COLUMNS } from '../../resources/columns'
@Asset({ key: 'silver/made' })
export class Made extends RowAsset<{ id: number }> { readonly columns = { id: 'integer' }
  async *rows() { yield { id: COLUMNS.length } } }`,
  'assets/gold/sums.ts': asset('gold/sums', { reads: ['silver/plain', 'silver/helped', 'silver/made'], query: 'select count(*) as n' }),
}

let root: string
let database: Database
beforeAll(async () => void (database = await Database.open()))
afterAll(() => database.close())
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'varve-kept-'))
  write('package.json', '{ "type": "module" }')
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'))
  write('config/local.yaml', 'variables: { country: at, other: 1 }\n')
  for (const [path, text] of Object.entries(MODULES)) write(path, text)
})
afterEach(() => {
  delete process.env['KEPT_LOAD_TEST']
  rmSync(root, { recursive: true })
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const edit = (path: string, from: string, to: string) => {
  const text = readFileSync(join(root, path), 'utf8')
  expect(text).toContain(from)
  write(path, text.replace(from, to))
}

/** All that a frame says of its assets, as plain values. */
function told({ graph, codeVersions, checkVersions, queries, services, automation }: ProjectFrame) {
  const body = (key: (typeof graph.keys)[number]) => {
    const made = graph.get(key).body(services)
    return made.kind === 'sql' ? (['duckdb', 'spark'] as const).map(dialect => sqlText(made.query({ dialect, variable: name => `«${name}»`, contract: {} as never }), quoteIdentifier)) : made.kind
  }
  return {
    assets: graph.keys.map(key => {
      const { upstreams, checks, body: _body, ...rest } = graph.get(key)
      return {
        ...rest, upstreams: upstreams.map(({ asset, ...more }) => ({ asset: asset(), ...more })),
        checks: checks.map(({ rule, ...more }) => ({ ...more, rule: rule.kind === 'method' ? sqlText(rule.violations(services), quoteIdentifier) : 'to' in rule ? { ...rule, to: rule.to() } : rule })),
        // What reads configuration is told by its text: a kept one holds the values.
        body: /«/.test(String(body(key))) ? undefined : body(key), code: codeVersions.get(key), check: checkVersions.get(key),
      }
    }),
    queries: Object.fromEntries(queries.map(({ definition, text, holes, marked, parsed }) => [definition.key, { text, holes, marked, parsed }])),
    automation,
  }
}

const SMALL = { from: 0, sizes: { least: 3, most: 5 } }
const load = (profile?: string) => loadFrame({ root, profile, cutting: SMALL }, async () => ({ json: sql => database.use(connection => connection.json(sql)) }))
const loaded = async () => told(await load())
/** The same as a process would see it that has never seen the project. */
async function whole() {
  rmSync(join(root, '.varve'), { recursive: true, force: true })
  return loaded()
}

const bundles = () => {
  const folder = join(root, '.varve', 'cache', 'kept')
  return existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)).sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs) : []
}
/** The modules in the newest bundle of what was evaluated. */
const evaluated = () => [...readFileSync(bundles().at(-1)!, 'utf8').matchAll(/^\/\/ ((?:assets|resources)\/\S+)$/gm)].map(([, path]) => path!.replace(/^(assets|resources)\//, '').replace('.ts', '')).sort()
const ALWAYS = ['resources/world', 'resources/columns', 'resources/deeper', 'assets/silver/worldly', 'assets/silver/spoken', 'assets/silver/made'].map(path => path.replace(/^(assets|resources)\//, ''))

const mistakeOf = async (work: Promise<unknown>) => work.then(() => 'none', (error: ExplainedError) => `${error.code} ${error.message}`)

describe('a project of which most is kept', () => {
  it('is the same project, and evaluates nothing but what hangs on more than its text', async () => {
    const first = await loaded()
    expect(bundles()).toEqual([])
    const second = await loaded()
    expect(evaluated()).toEqual(ALWAYS.toSorted())
    expect(second.assets).toEqual(first.assets.map(each => (each.key === 'silver/configured' ? { ...each, body: second.assets.find(({ key }) => key === each.key)!.body } : each)))
    expect(second.queries).toEqual(first.queries)
  })

  it.each<[string, () => void, readonly string[]]>([
    ['a query', () => edit('assets/silver/plain.ts', 'select 1 as id', 'select 7 as id'), ['silver/plain']],
    ['formatting', () => edit('assets/silver/plain.ts', 'select 1 as id', 'select   1   as id'), ['silver/plain']],
    ['a doc comment', () => edit('assets/silver/plain.ts', 'Rows of', 'All rows of'), ['silver/plain']],
    ['a check', () => edit('assets/silver/plain.ts', 'amount < 0', 'amount < 1'), ['silver/plain']],
    ['an upstream', () => edit('assets/bronze/orders.ts', '2 as amount', '3 as amount'), ['bronze/orders']],
    ['slices', () => edit('assets/bronze/days.ts', "start: '2026-01-01'", "start: '2025-01-01'"), ['bronze/days']],
    ['a new asset', () => write('assets/silver/new.ts', asset('silver/new', { reads: ['bronze/orders'] })), ['silver/new']],
    ['a new helper', () => {
      write('resources/fresh.ts', "export const text = 'fresh'")
      write('assets/silver/plain.ts', asset('silver/plain', { reads: ['bronze/orders'], imports: "import { text } from '../../resources/fresh'", query: 'select 1 as id, ${text} as amount' }))
    }, ['silver/plain', 'fresh']],
    ['a class that is extended', () => write('assets/silver/more.ts', `import { Asset, sql } from 'varve'\nimport { Plain } from './plain'\n@Asset({ key: 'silver/more' })\nexport class More extends Plain { override query() { return sql\`select 1 as id, 3 as amount from \${this.orders}\` } }`), ['silver/more', 'silver/plain']],
  ])('evaluates only what an edit reaches: %s', async (_, change, expected) => {
    await loaded()
    await loaded()
    change()
    const now = await loaded()
    expect(evaluated()).toEqual([...ALWAYS, ...expected].toSorted())
    const again = await loaded()
    expect(again.assets).toEqual(now.assets)
    expect(now.queries).toEqual((await whole()).queries)
    expect(bodiless(now)).toEqual(bodiless(await whole()))
  })

  it.each<[string, () => void]>([
    ['a helper of assets that TypeScript makes', () => edit('resources/deeper.ts', 'amount', 'id')],
    ['the key of an upstream', () => edit('assets/bronze/orders.ts', 'bronze/orders', 'bronze/all_orders')],
    ['an asset that is gone', () => {
      rmSync(join(root, 'assets/gold/sums.ts'))
    }],
    ['a configured value', () => write('config/local.yaml', 'variables: { country: de, other: 1 }\n')],
    ['the environment', () => void (process.env['KEPT_LOAD_TEST'] = 'something')],
    ['a helper that looks at the environment from now on', () => edit('resources/deeper.ts', "'amount'", "process.env['KEPT_LOAD_TEST'] ?? 'amount'")],
    ['an asset that asks its upstream for more than its key', () => {
      edit('assets/bronze/orders.ts', 'query()', "readonly note = 'noted'\n  query()")
      edit('assets/silver/plain.ts', 'select 1 as id', 'select ${(this.orders as unknown as { note: string }).note} as id')
    }],
    ['an asset that asks an unchanged upstream for more than its key', () => edit('assets/silver/plain.ts', 'select 1 as id', "select ${'query' in this.orders && typeof this.orders.query === 'function' ? 1 : 2} as id")],
    ['the layers', () => write('config/local.yaml', 'variables: { country: at, other: 1 }\nlayers: [bronze, silver, gold]\n')],
  ])('sees what a first load sees after a change of %s', async (_, change) => {
    await loaded()
    await loaded()
    change()
    const now = await loaded()
    const again = await loaded()
    const cold = await whole()
    expect(now.queries).toEqual(cold.queries)
    expect(bodiless(now)).toEqual(bodiless(cold))
    expect(bodiless(again)).toEqual(bodiless(cold))
  })

  it.each<[string, () => void]>([
    ['a query that is none', () => edit('assets/silver/plain.ts', 'select 1 as id', 'selct 1 as id')],
    ['a table that is not declared', () => edit('assets/silver/plain.ts', 'select 1 as id', 'select (select max(id) from gold.other) as id')],
    ['two assets of one key', () => write('assets/silver/twin.ts', asset('silver/plain'))],
    ['a circle', () => edit('assets/bronze/orders.ts', 'export class Orders extends SqlAsset {', "import { Sums } from '../gold/sums'\nexport class Orders extends SqlAsset {\n  @Upstream(() => Sums) readonly sums!: Sums")],
    ['a module that does not compile', () => edit('assets/silver/plain.ts', 'export class', 'export clas')],
    ['a module that throws', () => write('resources/deeper.ts', "export const deeper: string = (null as never)['x']")],
    ['an import of what is not exported', () => edit('assets/silver/helped.ts', '{ COLUMNS }', '{ COLUMNS, COLUMN }')],
    ['an upstream whose class is gone', () => write('assets/bronze/orders.ts', asset('bronze/orders').replace('class Orders', 'class Ordres'))],
  ])('says what a first load says of %s', async (_, change) => {
    await loaded()
    await loaded()
    change()
    const mistake = await mistakeOf(load())
    rmSync(join(root, '.varve'), { recursive: true, force: true })
    expect(mistake).toBe(await mistakeOf(load()))
  })

  it('goes on after a writer that was killed, and without what somebody tore', async () => {
    const first = await loaded()
    const kept = join(root, '.varve', 'cache', 'kept-local.jsonl')
    const text = readFileSync(kept, 'utf8')
    for (const torn of [`${text}{"path":"assets/silver/pl`, text.slice(0, text.length / 2), text.replace('"path"', '"pa'), '', 'nonsense\n']) {
      writeFileSync(kept, torn)
      expect((await loaded()).queries).toEqual(first.queries)
    }
  })

  it('keeps of each profile what it comes to', async () => {
    write('config/prod.yaml', 'variables: { country: de, other: 1 }\n')
    const text = async (profile: string) => told(await load(profile)).queries['silver/configured']!.text
    expect([await text('local'), await text('prod'), await text('local'), await text('prod')].map(each => /'(\w+)' as country/.exec(each)![1])).toEqual(['at', 'de', 'at', 'de'])
    expect(readdirSync(join(root, '.varve', 'cache')).filter(name => name.startsWith('kept-'))).toEqual(['kept-local.jsonl', 'kept-prod.jsonl'])
  })

  it('grows by what changed, and is made anew where much did', async () => {
    await loaded()
    const kept = join(root, '.varve', 'cache', 'kept-local.jsonl')
    const lines = () => readFileSync(kept, 'utf8').split('\n').length - 2
    const before = lines()
    edit('assets/silver/plain.ts', 'select 1 as id', 'select 2 as id')
    await loaded()
    expect(lines()).toBeLessThanOrEqual(before + 1 + ALWAYS.length)
    for (let i = 3; i < 40; i += 1) {
      edit('assets/silver/plain.ts', `select ${i - 1} as id`, `select ${i} as id`)
      await loaded()
    }
    expect(lines()).toBeLessThan(2 * before + 110)
    expect((await loaded()).queries['silver/plain']!.text).toContain('select 39 as id')
  })
})

/** Without what a kept asset has rendered already. */
const bodiless = ({ assets }: Awaited<ReturnType<typeof loaded>>) => assets.map(each => ({ ...each, body: undefined }))
