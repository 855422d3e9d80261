import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'

type Row = Readonly<Record<'id' | 'a' | 'b' | 'c' | 'd', number>>
let source: readonly Row[]
Object.defineProperty(globalThis, 'scopeRows', { get: () => source })

const BASE = (columns = "id: 'bigint', a: 'bigint', b: 'bigint', c: 'bigint', d: 'bigint'", row = 'row', version = 'x') => `
import { Asset, RowAsset } from 'varve'
/** One row per thing. */
@Asset({ key: 'bronze/base', codeVersion: '${version}' })
export class Base extends RowAsset<any> {
  readonly columns = { ${columns} }
  async *rows() {
    for (const row of globalThis.scopeRows) yield ${row}
  }
}`

const READER = (name: string, query: string) => `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { Base } from '../bronze/base'
/** A reader. */
@Asset({ key: 'silver/${name}' })
export class Reader_${name} extends SqlAsset {
  @Upstream(() => Base) readonly base!: Base
  query() {
    return sql\`${query}\`
  }
}`

const QUERIES: Readonly<Record<string, string>> = {
  value: 'select id, a from ${this.base}',
  filtered: 'select id, a from ${this.base} where b > 5',
  counted: 'select count(*) as n from ${this.base}',
  grouped: 'select c, sum(a) as total from ${this.base} group by c',
  windowed: 'select id, row_number() over (partition by c order by d, id) as place from ${this.base}',
  joined: 'select x.id, y.a from ${this.base} as x join ${this.base} as y on x.b = y.id',
  distinct: 'select distinct d from ${this.base}',
  star: 'select * from ${this.base}',
  nested: 'with top as (select id, a from ${this.base} order by b desc, id limit 3) select sum(a) as total from top',
}

const rows = (n: number): Row[] => Array.from({ length: n }, (_, id) => ({ id, a: id % 7, b: id % 11, c: id % 3, d: (id * 5) % 13 }))

let rig: ProjectRig
beforeEach(() => {
  source = rows(40)
  rig = new ProjectRig({ 'assets/bronze/base.ts': BASE() })
  for (const [name, query] of Object.entries(QUERIES)) rig.write(`assets/silver/${name}.ts`, READER(name, query))
})
afterEach(() => rig.remove())

/** The readers that ran when the base was made again. */
async function ran(): Promise<string[]> {
  const { steps } = await rig.run([], { force: false })
  return steps.filter(({ asset, status }) => asset !== 'bronze/base' && status === 'materialized').map(({ asset }) => asset.replace('silver/', '')).sort()
}

const remake = async () => {
  await rig.run(['bronze/base'], { force: true })
  return ran()
}

describe('a change of an upstream', () => {
  it('reaches only what reads the column that changed, as a value or for which rows there are', async () => {
    await rig.run()
    source = source.map(row => (row.id === 4 ? { ...row, a: 100 } : row))
    expect(await remake()).toEqual(['filtered', 'grouped', 'joined', 'nested', 'star', 'value'])
    source = source.map(row => (row.id === 4 ? { ...row, d: 100 } : row))
    expect(await remake()).toEqual(['distinct', 'star', 'windowed'])
    source = source.map(row => (row.id === 4 ? { ...row, c: 7 } : row))
    expect(await remake()).toEqual(['grouped', 'star', 'windowed'])
    source = source.map(row => (row.id === 39 ? { ...row, b: 1 } : row))
    expect(await remake()).toEqual(['filtered', 'joined', 'nested', 'star'])
    expect(await rig.planned()).toEqual({})
  })

  it('reaches everything when a row comes or goes', async () => {
    await rig.run()
    source = rows(41)
    expect(await remake()).toEqual(Object.keys(QUERIES).sort())
  })

  it('sees rows that swap their values, although each column holds what it held', async () => {
    await rig.run()
    source = source.map(row => (row.id === 1 ? { ...row, a: 2 } : row.id === 2 ? { ...row, a: 1 } : row))
    expect(await remake()).toContain('value')
  })

  it('does not reach what does not read a column that was added', async () => {
    await rig.run()
    rig.write('assets/bronze/base.ts', BASE("id: 'bigint', a: 'bigint', b: 'bigint', c: 'bigint', d: 'bigint', e: 'varchar'", "{ ...row, e: 'new' }", 'y'))
    expect(await ran()).toEqual(['star'])
    expect(await rig.planned()).toEqual({})
  })

  it('reaches what reads a column whose type changed', async () => {
    await rig.run()
    rig.write('assets/bronze/base.ts', BASE("id: 'bigint', a: 'integer', b: 'bigint', c: 'bigint', d: 'bigint'", 'row', 'y'))
    expect(await ran()).toEqual(['filtered', 'grouped', 'joined', 'nested', 'star', 'value'])
  })

  it('leaves nothing un-run that would have come out otherwise: random changes, held against a lake made from nothing', async () => {
    await rig.run()
    let seed = 12345
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    let spared = 0
    for (let round = 0; round < 4; round += 1) {
      const column = (['a', 'b', 'c', 'd'] as const)[random(4)]!
      const touched = new Set(Array.from({ length: 1 + random(5) }, () => random(40)))
      source = source.map(row => (touched.has(row.id) ? { ...row, [column]: random(15) } : row))
      spared += Object.keys(QUERIES).length - (await remake()).length
      const fresh = new ProjectRig({ 'assets/bronze/base.ts': BASE() })
      try {
        for (const [name, query] of Object.entries(QUERIES)) fresh.write(`assets/silver/${name}.ts`, READER(name, query))
        await fresh.run()
        for (const name of Object.keys(QUERIES)) {
          const sorted = `select * from silver.${name} order by all`
          expect(await rig.rows(sorted), `${name} after ${column} changed`).toEqual(await fresh.rows(sorted))
        }
      } finally {
        fresh.remove()
      }
    }
    expect(spared).toBeGreaterThan(8)
  })

  it('tells of a table that rows are only added to what it would tell of one that was made at once', async () => {
    const told = async (key: string) => {
      const [newest] = rig.filesOf(key).filter(file => /^_delta_log\/\d+\.json$/.test(file)).toReversed()
      const commit = readFileSync(join(rig.lake, key, newest!), 'utf8').split('\n').find(line => line.includes('commitInfo'))!
      return (JSON.parse(commit) as { commitInfo: { varve: { cuts?: Record<string, string>; rows: number } } }).commitInfo.varve
    }
    rig.write('assets/bronze/base.ts', BASE().replace('RowAsset,', 'RowAsset, append,').replace("codeVersion: 'x'", "codeVersion: 'x', write: append({ key: ['id'] })").replace('import { Asset, RowAsset }', 'import { Asset, RowAsset, append }'))
    await rig.run()
    source = rows(60)
    await remake()
    source = rows(75)
    await remake()
    const added = await told('bronze/base')
    await rig.run(['bronze/base'], { rebuild: true })
    const whole = await told('bronze/base')
    expect([added.rows, Object.keys(added.cuts ?? {}).length]).toEqual([75, 6])
    expect(added.cuts).toEqual(whole.cuts)
  })
})
