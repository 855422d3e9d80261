import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeTable } from '../../framework/project/any-table.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import type { StructField } from '../../framework/delta/schema-types.ts'
import { newTable } from '../../framework/delta/stage.ts'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ProjectRig } from '../rig/project-rig.ts'

const asset = (write: string, query: string) => `
import { Asset, SqlAsset, append, merge, overwrite, sql } from 'varve'
/** One row per number. */
@Asset({ key: 'silver/numbers', write: ${write} })
export class Numbers extends SqlAsset {
  query() {
    return sql\`${query}\`
  }
}`

let rig: ProjectRig
beforeEach(() => { rig = new ProjectRig() })
afterEach(() => rig.remove())

async function made(write: string, query: string): Promise<boolean> {
  rig.write('assets/silver/numbers.ts', asset(write, query))
  return (await rig.run()).ok
}

describe('rows of other types than the table has', () => {
  it('are cast to its own where they are narrower, in the file as well: a filter finds them', async () => {
    await made("append({ key: ['id'] })", 'select 1 as id, 1.25::decimal(10, 2) as price, 0.5::double as share')
    expect(await made("append({ key: ['id'] })", 'select 2 as id, 2::decimal(4, 0) as price, 2::integer as share')).toBe(true)
    expect(await rig.rows('select id, price, share from silver.numbers where share > 1.5 and price < 2.5')).toEqual([{ id: 2, price: '2.00', share: 2 }])
  })

  it('widen it where the table may be widened, and are refused by name where it may not', async () => {
    const wide = 'select 2 as id, 5000000000::bigint as n'
    await made("append({ key: ['id'] })", 'select 1 as id, 7::integer as n')
    expect(await made("append({ key: ['id'] })", wide)).toBe(false)
    rig.write('config/local.yaml', 'tables: { assets: { silver/numbers: { properties: { delta.enableTypeWidening: true, owner: me } } } }')
    rmSync(rig.lake, { recursive: true })
    await made("append({ key: ['id'] })", 'select 1 as id, 7::integer as n')
    expect(await made("append({ key: ['id'] })", wide)).toBe(true)
    expect(await rig.rows('select id, n::varchar as n from silver.numbers order by id')).toEqual([{ id: 1, n: '7' }, { id: 2, n: '5000000000' }])
    const { schema, properties } = await describeTable(join(rig.lake, 'silver/numbers'), {})
    expect([schema.fields[1]!.metadata, properties['owner']]).toEqual([{ 'delta.typeChanges': [{ fromType: 'integer', toType: 'long' }] }, 'me'])
  })
})

describe('rows for a table that someone else made', () => {
  const field = (name: string, type: string, metadata = {}): StructField => ({ name, type, nullable: true, metadata })
  const foreign = async (fields: readonly StructField[], options: { readonly partitionColumns?: readonly string[]; readonly properties?: Readonly<Record<string, string>> } = {}) => {
    const root = join(rig.lake, 'silver/numbers')
    const database = await Database.open()
    try {
      await new DeltaTable(root, new LocalLogStore(root), database).commit(newTable({ schema: { type: 'struct', fields }, files: [], ...options }), undefined, { operation: 'CREATE TABLE' })
    } finally {
      database.close()
    }
  }
  const key = field('key', 'long', { 'delta.identity.start': 1, 'delta.identity.step': 1, 'delta.identity.allowExplicitInsert': false })

  it.each(["append({ key: ['id'] })", "merge({ on: ['id'] })"])('get its numbers, its defaults and its computed columns: %s', async write => {
    await foreign([key, field('id', 'integer'), field('state', 'string', { CURRENT_DEFAULT: "'new'" }), field('twice', 'integer', { 'delta.generationExpression': 'id * 2' })])
    expect(await made(write, 'select 5 as id')).toBe(true)
    expect(await made(write, "select 6 as id, 'own' as state")).toBe(true)
    expect(await rig.rows('select key, id, state, twice from silver.numbers order by id')).toEqual([{ key: 1, id: 5, state: 'new', twice: 10 }, { key: 2, id: 6, state: 'own', twice: 12 }])
  })

  it('lie in its partitions, and a new column of one that maps names is found again', async () => {
    await foreign([field('id', 'integer'), field('p', 'string')], { partitionColumns: ['p'], properties: { 'delta.columnMapping.mode': 'name' } })
    expect(await made("append({ key: ['id'] })", "select 1 as id, 'a' as p, 'x' as extra")).toBe(true)
    rmSync(rig.lake, { recursive: true })
    await foreign([field('id', 'integer'), field('p', 'string')], { partitionColumns: ['p'] })
    expect(await made("append({ key: ['id'] })", "select 1 as id, 'a' as p union all select 2, 'b'")).toBe(true)
    expect(await rig.rows('select id, p from silver.numbers order by id')).toEqual([{ id: 1, p: 'a' }, { id: 2, p: 'b' }])
    expect((await describeTable(join(rig.lake, 'silver/numbers'), {})).files).toBe(2)
  })

  it('keep what it promised of a column when they take the place of all others', async () => {
    await foreign([{ ...field('id', 'integer'), nullable: false }, field('note', 'string', { comment: 'said by a person' })])
    expect(await made('overwrite()', "select 1 as id, 'x' as note")).toBe(true)
    expect((await describeTable(join(rig.lake, 'silver/numbers'), {})).schema.fields.map(({ nullable, metadata }) => [nullable, metadata])).toEqual([[false, {}], [true, { comment: 'said by a person' }]])
    expect(await made('overwrite()', 'select null::integer as id, null::varchar as note')).toBe(false)
  })
})
