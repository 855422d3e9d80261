import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeTable } from '../../framework/project/any-table.ts'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ProjectRig } from '../rig/project-rig.ts'

const asset = (write: string, query: string) => `
import { Asset, SqlAsset, append, merge, sql } from 'varve'
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
