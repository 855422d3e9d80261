import * as fc from 'fast-check'
import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { rowDifference } from '../../framework/delta/rows-since.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import { overwrite } from '../../framework/delta/stage.ts'
import { resolvePath } from '../../framework/delta/table-paths.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()
const row = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('a', 'b', null))
const [rows, some] = [fc.array(row, { maxLength: 12 }), fc.array(row, { minLength: 1, maxLength: 12 })]
type Rows = readonly (readonly [number, string | null])[]
const NONE = 'select null::bigint as id, null::varchar as val where false'
const sqlOf = (of: Rows) => (of.length === 0 ? NONE : of.map(([id, val]) => `select ${id}::bigint as id, ${val === null ? 'null' : `'${val}'`}::varchar as val`).join(' union all '))
const step = fc.oneof(
  fc.record({ kind: fc.constant('merge' as const), rows, how: fc.constantFrom('copy-on-write' as const, 'deletion-vectors' as const) }),
  fc.record({ kind: fc.constant('append' as const), rows: some }),
  fc.record({ kind: fc.constant('overwrite' as const), rows: some }),
  fc.record({ kind: fc.constant('delete' as const), below: fc.integer({ min: 0, max: 9 }), how: fc.constantFrom('copy-on-write' as const, 'deletion-vectors' as const) }),
)

const counted = async (query: string): Promise<ReadonlyMap<string, number>> =>
  new Map((await rig.database.use(c => c.json<{ row: string; n: number }>(`select to_json(q)::varchar as row, count(*) as n from (${query}) as q group by 1`))).map(({ row, n }) => [row, Number(n)]))

/** Rows counted in one minus those counted in the other. */
async function applied(before: Snapshot, came: string, went: string): Promise<Record<string, number>> {
  const [was, plus, minus] = [await counted(await before.scanSql()), await counted(came), await counted(went)]
  const keys = new Set([...was.keys(), ...plus.keys(), ...minus.keys()])
  return Object.fromEntries([...keys].map(key => [key, (was.get(key) ?? 0) + (plus.get(key) ?? 0) - (minus.get(key) ?? 0)] as const).filter(([, n]) => n !== 0).sort())
}

it('what came and what went makes each version of each other one, rows that are there more than once too', async () => {
  await fc.assert(fc.asyncProperty(rows, fc.array(step, { minLength: 1, maxLength: 4 }), async (first, steps) => {
    const table = await rig.create(sqlOf(first), { profile: 'modern' })
    for (const each of steps) {
      const base = await table.snapshot()
      if (each.kind === 'append') await rig.append(table, sqlOf(each.rows))
      else if (each.kind === 'merge') await rig.merge(table, sqlOf([...new Map(each.rows.map(row => [row[0], row]))].map(([, row]) => row)), { on: ['id'] }, each.how).catch(() => undefined)
      else if (each.kind === 'overwrite') committed(await table.commit(overwrite(base, await rig.database.use(c => writeDataFiles(c, sqlOf(each.rows), base)), { schema: base.schema, partitionColumns: [] }), base, { operation: 'WRITE' }))
      else await table.commit((await rig.database.use(c => stageDelete(c, base, `id < ${each.below}`, { how: each.how }))).change, base, { operation: 'DELETE' })
    }
    const versions = await Promise.all(Array.from({ length: (await table.head()) + 1 }, (_, version) => table.snapshot({ version })))
    for (const before of versions) for (const after of versions) {
      const difference = (await rowDifference(before, after))!
      const values = (of: string) => counted(`select distinct v0, v1 from (${of}) as q`)
      const both = (where: string) => `select val as v0, id as v1 from (${difference.came}) as c where ${where} union all select val, id from (${difference.went}) as w where ${where}`
      expect(await values(difference.of(['val', 'id']))).toEqual(await values(both('true')))
      expect(await values((await rowDifference(before, after, 'id < 4'))!.of(['val', 'id']))).toEqual(await values(both('id < 4')))
      expect(await applied(before, difference.came, difference.went)).toEqual(Object.fromEntries([...(await counted(await after.scanSql()))].sort()))
    }
  }), { numRuns: 12 })
})

it('a version whose files are gone, or that has other columns, is not told of', async () => {
  const table = await rig.create(sqlOf([[1, 'a'], [2, 'b']]), { profile: 'modern' })
  const first = await table.snapshot()
  committed(await table.commit(overwrite(first, await rig.database.use(c => writeDataFiles(c, sqlOf([[1, 'a'], [3, 'b']]), first)), { schema: first.schema, partitionColumns: [] }), first, { operation: 'WRITE' }))
  const second = await table.snapshot()
  expect(await rowDifference(first, second)).toBeDefined()
  expect(await rowDifference(first, await (await rig.create('select 1::bigint as id')).snapshot())).toBeUndefined()
  for (const { path } of first.files) rmSync(resolvePath(table.root, path))
  expect(await rowDifference(first, second)).toBeUndefined()
})
