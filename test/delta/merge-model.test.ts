import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { addContent, contentHash, contentHashText, subtractContent } from '../../framework/delta/content-hash.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const row = fc.record({ id: fc.integer({ min: 0, max: 12 }), ver: fc.option(fc.integer({ min: 0, max: 3 })), val: fc.constantFrom('a', 'b', null), part: fc.constantFrom('x', 'y', null) })
type Row = { readonly id: number; readonly ver: number | null; readonly val: string | null; readonly part: string | null }
const batch = fc.record({ rows: fc.uniqueArray(row, { selector: ({ id, ver }) => `${id}/${ver}`, maxLength: 12 }), how: fc.constantFrom('copy-on-write' as const, 'deletion-vectors' as const, 'auto' as const) })

const sqlOf = (rows: readonly Row[]) => {
  const text = (value: string | number | null) => (value === null ? 'null' : `'${value}'`)
  const lines = rows.map(({ id, ver, val, part }) => `select ${id}::bigint as id, ${text(ver)}::bigint as ver, ${text(val)}::varchar as val, ${text(part)}::varchar as part`)
  return lines.length === 0 ? 'select null::bigint as id, null::bigint as ver, null::varchar as val, null::varchar as part where false' : lines.join(' union all ')
}

/** The newest of each key, where no version at all is the oldest. */
function merged(table: ReadonlyMap<number, Row>, rows: readonly Row[]): Map<number, Row> {
  const next = new Map(table)
  const newest = new Map<number, Row>()
  for (const each of rows) if ((newest.get(each.id)?.ver ?? -2) < (each.ver ?? -1)) newest.set(each.id, each)
  for (const each of newest.values()) if ((table.get(each.id)?.ver ?? -1) <= (each.ver ?? -1)) next.set(each.id, each)
  return next
}

const inOrder = (rows: Iterable<Row>) => [...rows].map(({ id, ver, val, part }) => ({ id, ver, val, part })).sort((a, b) => a.id - b.id)

it('any run of merges leaves what a map would hold, and a content hash that was never computed anew', async () => {
  await fc.assert(fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), fc.boolean(), async (batches, partitioned) => {
    const table = await rig.create(sqlOf([]), { profile: 'modern', partitionColumns: partitioned ? ['part'] : [] })
    let model: Map<number, Row> = new Map()
    const first = await table.snapshot()
    let content = await rig.database.use(async c => contentHash(c, await first.scanSql(), first.schema))
    for (const { rows, how } of batches) {
      const before = await table.head()
      const staged = await rig.merge(table, sqlOf(rows), { on: ['id'], newerBy: 'ver' }, how)
      const next = merged(model, rows)
      const same = JSON.stringify(inOrder(next.values())) === JSON.stringify(inOrder(model.values()))
      expect(await table.head()).toBe(same ? before : before + 1)
      model = next
      content = addContent(subtractContent(content, staged.content.removed), staged.content.added)
      expect(await rig.rows(table)).toEqual(inOrder(model.values()))
    }
    const last = await table.snapshot()
    expect(contentHashText(content)).toBe(contentHashText(await rig.database.use(async c => contentHash(c, await last.scanSql(), last.schema))))
    expect(last.files.rows).toBe(model.size)
  }), { numRuns: 15 })
})
