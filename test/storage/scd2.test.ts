import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scd2, type Scd2 } from '../../framework/definition/write-mode.ts'
import { addContent, contentHash, contentHashText, subtractContent } from '../../framework/delta/content-hash.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import type { Profile } from '../../framework/delta/protocol.ts'
import { deltaSchemaOf } from '../../framework/delta/schema.ts'
import { isEmpty } from '../../framework/delta/table-change.ts'
import { historySchema, stageScd2 } from '../../framework/storage/scd2.ts'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import { quoteLiteral } from '../../framework/vocabulary/sql.ts'
import { committed, Rig } from '../delta/rig.ts'

const rig = new Rig()

interface Told {
  readonly id: number
  readonly tier: string | null
  /** The day since when it holds. */
  readonly day: number
}
interface Version {
  readonly id: number
  readonly tier: string | null
  readonly from: number
  readonly to: number | null
}

const START = Date.UTC(2026, 0, 1)
const instant = (day: number) => new Date(START + day * 86_400_000)
const dayOf = (text: unknown) => (text === null ? null : (Date.parse(String(text).replace(' ', 'T').replace(/\+00$/, 'Z')) - START) / 86_400_000)

const BATCH = 'select id::integer as id, tier::varchar as tier, day::timestamptz as updated_at from'
const batchOf = (rows: readonly Told[]) => (rows.length === 0
  ? `${BATCH} (select null as id, null as tier, null as day) where false`
  : `${BATCH} (values ${rows.map(({ id, tier, day }) => `(${id}, ${quoteLiteral(tier)}, ${quoteLiteral(instant(day))})`).join(', ')}) as v(id, tier, day)`)

/** Enters a batch. @returns how many rows were written, and whether the table stayed as it was */
async function enter(table: DeltaTable, source: string, write: Scd2, today: number, profile?: Profile) {
  const key = assetKey('gold/dim')
  const base = (await table.head()) < 0 ? undefined : await table.snapshot()
  return rig.database.use(async connection => {
    const schema = historySchema(key, deltaSchemaOf(await connection.describe(source)))
    const { change, metrics, content } = await stageScd2(connection, base ?? { root: table.root, schema, profile }, source, write, { key, schema, now: instant(today) })
    if (!base || !isEmpty(change)) committed(await table.commit(change, base, { operation: 'MERGE' }))
    return { metrics, content, unchanged: base !== undefined && isEmpty(change) }
  })
}

async function versionsOf(table: DeltaTable): Promise<Version[]> {
  const rows = await rig.rows(table)
  for (const row of rows) expect(row['is_current']).toBe(row['valid_to'] === null)
  return rows.map(({ id, tier, valid_from, valid_to }) => ({ id: id as number, tier: tier as string | null, from: dayOf(valid_from)!, to: dayOf(valid_to) })).sort(byKeyAndTime)
}
const byKeyAndTime = (a: Version, b: Version) => a.id - b.id || a.from - b.from

function holdInvariants(versions: readonly Version[], before: readonly Version[]): void {
  for (const [i, version] of versions.entries()) {
    const next = versions[i + 1]
    if (version.to !== null) expect(version.to).toBeGreaterThan(version.from)
    if (next?.id === version.id) expect(version.to ?? Infinity).toBeLessThanOrEqual(next.from)
  }
  for (const ended of before.filter(({ to }) => to !== null)) {
    const now = versions.find(({ id, from }) => id === ended.id && from === ended.from)!
    expect(now.tier).toBe(ended.tier)
    expect(now.to).toBeLessThanOrEqual(ended.to!)
  }
}

const tier = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null })
const byInstant = scd2({ on: ['id'], changedBy: 'updated_at' })

describe('a history of rows', () => {
  it('closes the old version and opens the new one in one commit, and leaves the others alone', async () => {
    const table = rig.table()
    await enter(table, batchOf([{ id: 1, tier: 'a', day: 0 }, { id: 2, tier: 'x', day: 0 }]), byInstant, 9)
    await enter(table, batchOf([{ id: 1, tier: 'b', day: 5 }]), byInstant, 9)
    expect(await table.head()).toBe(1)
    expect(await versionsOf(table)).toEqual([{ id: 1, tier: 'a', from: 0, to: 5 }, { id: 1, tier: 'b', from: 5, to: null }, { id: 2, tier: 'x', from: 0, to: null }])
  })

  it('splits the version that a late change falls into', async () => {
    const table = rig.table()
    await enter(table, batchOf([{ id: 1, tier: 'a', day: 0 }, { id: 1, tier: 'c', day: 8 }]), byInstant, 9)
    await enter(table, batchOf([{ id: 1, tier: 'b', day: 4 }]), byInstant, 9)
    await enter(table, batchOf([{ id: 1, tier: null, day: -3 }]), byInstant, 9)
    expect(await versionsOf(table)).toEqual([{ id: 1, tier: null, from: -3, to: 0 }, { id: 1, tier: 'a', from: 0, to: 4 }, { id: 1, tier: 'b', from: 4, to: 8 }, { id: 1, tier: 'c', from: 8, to: null }])
  })

  it('takes a correction of the open version, and none of one that has ended', async () => {
    const table = rig.table()
    await enter(table, batchOf([{ id: 1, tier: 'a', day: 0 }, { id: 1, tier: 'b', day: 3 }]), byInstant, 9)
    await enter(table, batchOf([{ id: 1, tier: 'A', day: 0 }, { id: 1, tier: null, day: 3 }]), byInstant, 9)
    expect(await versionsOf(table)).toEqual([{ id: 1, tier: 'a', from: 0, to: 3 }, { id: 1, tier: null, from: 3, to: null }])
  })

  it('neither reads nor writes the files of other keys', async () => {
    const table = rig.table()
    await enter(table, batchOf([{ id: 1, tier: 'a', day: 0 }]), byInstant, 9)
    await enter(table, batchOf([{ id: 5, tier: 'e', day: 0 }]), byInstant, 9)
    const [untouched] = (await table.snapshot()).files
    const { metrics } = await enter(table, batchOf([{ id: 5, tier: 'f', day: 1 }]), byInstant, 9)
    expect(metrics).toMatchObject({ filesRead: 1, filesRewritten: 1, updated: 1, inserted: 1 })
    expect([...(await table.snapshot()).files].map(({ path }) => path)).toContain(untouched!.path)
  })

  it('refuses a key without a value, and two rows that say different things of one instant, and names them', async () => {
    const table = rig.table()
    const rows = batchOf([{ id: 1, tier: 'a', day: 0 }])
    await expect(enter(table, `select null::integer as id, tier, updated_at from (${rows})`, byInstant, 9)).rejects.toMatchObject({ code: 'delta/null-key' })
    await expect(enter(table, `select id, tier, null::timestamptz as updated_at from (${rows})`, byInstant, 9)).rejects.toMatchObject({ code: 'delta/null-key', message: expect.stringContaining('updated_at = null') as string })
    await expect(enter(table, batchOf([{ id: 1, tier: 'a', day: 0 }, { id: 1, tier: 'b', day: 0 }]), byInstant, 9)).rejects.toMatchObject({ code: 'delta/duplicate-keys', message: expect.stringContaining('id = 1') as string })
    await expect(enter(table, `select id, tier, tier as updated_at from (${rows})`, byInstant, 9)).rejects.toMatchObject({ code: 'storage/not-an-instant' })
    await expect(enter(table, `select *, true as is_current from (${rows})`, byInstant, 9)).rejects.toMatchObject({ code: 'storage/taken-column' })
  })

  it('parts two open versions of a key, which another writer left, at the beginning of the later one', async () => {
    const table = rig.table()
    const others = Array.from({ length: 60 }, (_, i): Told => ({ id: 100 + i, tier: 'z', day: 0 }))
    await enter(table, batchOf([{ id: 1, tier: 'a', day: 0 }, ...others]), byInstant, 9, 'modern')
    await rig.append(table, `select *, updated_at as valid_from, null::timestamptz as valid_to, true as is_current from (${batchOf([{ id: 1, tier: 'x', day: 2 }])})`)
    // As many open versions are found as the batch has rows.
    await enter(table, batchOf([{ id: 1, tier: 'b', day: 5 }, { id: 2, tier: 'n', day: 5 }]), byInstant, 9, 'modern')
    expect((await versionsOf(table)).filter(({ id }) => id < 100)).toEqual([
      { id: 1, tier: 'a', from: 0, to: 2 }, { id: 1, tier: 'x', from: 2, to: 5 }, { id: 1, tier: 'b', from: 5, to: null }, { id: 2, tier: 'n', from: 5, to: null },
    ])
  })

  it('keeps columns whose names its own queries use', async () => {
    const table = rig.table()
    const source = (ids: string, day: number) => `select -i as rowid, i as v, 'k' as k, 'q' as "q""b", ${quoteLiteral(instant(day))}::timestamptz as t from (values ${ids}) r(i)`
    const write = scd2({ on: ['rowid'], changedBy: 't' })
    await enter(table, source(Array.from({ length: 60 }, (_, i) => `(${i})`).join(', '), 0), write, 9, 'modern')
    const { metrics } = await enter(table, source('(1), (2)', 1), write, 9, 'modern')
    expect(metrics).toMatchObject({ inserted: 2, updated: 2 })
    expect((await table.snapshot()).files.deletionVectors).toBe(1)
    expect((await rig.rows(table)).filter(row => row['v'] === 2).map(row => [row['rowid'], row['k'], row['q"b'], row['is_current']])).toEqual([[-2, 'k', 'q', false], [-2, 'k', 'q', true]])
  })

  it('gives a column that came later NULL in the versions that have ended', async () => {
    const table = rig.table()
    await enter(table, batchOf([{ id: 1, tier: 'a', day: 0 }, { id: 1, tier: 'b', day: 1 }]), byInstant, 9)
    const base = await table.snapshot()
    await rig.database.use(async connection => {
      const source = `select *, 'new' as more from (${batchOf([{ id: 1, tier: 'b', day: 1 }])})`
      const schema = { type: 'struct', fields: [...base.schema.fields, ...deltaSchemaOf([{ name: 'more', type: 'VARCHAR' }]).fields] } as const
      const { change } = await stageScd2(connection, base, source, byInstant, { key: assetKey('gold/dim'), schema, now: instant(9) })
      committed(await table.commit(change, base, { operation: 'MERGE' }))
    })
    expect((await rig.rows(table)).map(({ tier, more, is_current }) => [tier, more, is_current])).toEqual([['a', null, false], ['b', 'new', true]])
  })

  it('[XF-SG-6] comes out the same in whatever order and however often changes are told, and as if it were made at once', async () => {
    const event = fc.record({ id: fc.integer({ min: 1, max: 3 }), tier, day: fc.integer({ min: -4, max: 12 }) })
    const events = fc.uniqueArray(event, { minLength: 1, maxLength: 12, selector: ({ id, day }) => `${id}@${day}` })
    const delivered = events.chain(all => fc.record({ all: fc.constant(all), batches: fc.array(fc.subarray(all), { minLength: 1, maxLength: 4 }), order: fc.shuffledSubarray(all, { minLength: all.length }) }))
    await fc.assert(fc.asyncProperty(delivered, async ({ all, batches, order }) => {
      const table = rig.table()
      let before: Version[] = []
      for (const batch of [...batches, order.slice(0, order.length >> 1), order, order]) {
        const again = await enter(table, batchOf(batch), byInstant, 20)
        const versions = await versionsOf(table)
        if (batch === order && before.length === all.length) expect(again.unchanged).toBe(true)
        holdInvariants(versions, before)
        before = versions
      }
      const rebuilt = rig.table()
      await enter(rebuilt, batchOf(all), byInstant, 20)
      expect(before).toEqual(await versionsOf(rebuilt))
      expect(before).toEqual(all.map(({ id, tier, day }): Version => ({ id, tier, from: day, to: nextDay(all, id, day) })).sort(byKeyAndTime))
    }), { numRuns: 8 })
  }, 240_000)

  it.each([['as of their instants', byInstant], ['by comparison', scd2({ on: ['id'], compare: ['tier'] })]] as const)('comes out the same by deletion vectors as by files written anew, content included, %s', async (_, write) => {
    const others = Array.from({ length: 60 }, (__, i): Told => ({ id: 100 + i, tier: 'z', day: -9 }))
    const batch = fc.uniqueArray(fc.record({ id: fc.integer({ min: 98, max: 103 }), tier, day: fc.integer({ min: -12, max: 9 }) }), { minLength: 1, maxLength: 5, selector: ({ id, day }) => `${id}@${day}` })
    let marked = 0
    await fc.assert(fc.asyncProperty(fc.array(batch, { minLength: 2, maxLength: 5 }), async batches => {
      const [plain, modern] = [rig.table(), rig.table()]
      let content = (await enter(modern, batchOf(others), write, 0, 'modern')).content.added
      await enter(plain, batchOf(others), write, 0)
      for (const [day, rows] of batches.flatMap(all => [all, all]).entries()) {
        const source = batchOf(write === byInstant ? rows : rows.filter(({ id }, i) => rows.findIndex(row => row.id === id) === i))
        const told = await enter(modern, source, write, 10 + day, 'modern')
        const { metrics } = await enter(plain, source, write, 10 + day)
        expect([told.metrics.inserted, told.metrics.updated]).toEqual([metrics.inserted, metrics.updated])
        content = subtractContent(addContent(content, told.content.added), told.content.removed)
      }
      expect(await versionsOf(modern)).toEqual(await versionsOf(plain))
      const last = await modern.snapshot()
      marked += last.files.deletionVectors
      const scan = await last.scanSql()
      expect(contentHashText(content)).toBe(contentHashText(await rig.database.use(c => contentHash(c, scan, last.schema))))
    }), { numRuns: 8 })
    expect(marked).toBeGreaterThan(0)
  }, 240_000)

  it('[XF-SG-6] tells of complete batches what a plain reckoning of the whole past tells, deletes, returns and corrections included', async () => {
    // Of few values, NULL among them, so that the same is often told again; and more than once a day, so that what is gone returns at once.
    const batch = fc.uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 3 }), tier: fc.constantFrom('a', 'b', null), day: fc.integer({ min: -2, max: 8 }) }), { maxLength: 3, selector: ({ id }) => id })
    await fc.assert(fc.asyncProperty(fc.array(batch, { minLength: 2, maxLength: 5 }), fc.constantFrom('changedBy', 'compare'), fc.constantFrom(1, 2), async (batches, kind, aDay) => {
      const write = kind === 'changedBy' ? scd2({ on: ['id'], changedBy: 'updated_at', deletes: 'close' }) : scd2({ on: ['id'], compare: ['tier'], deletes: 'close' })
      const table = rig.table()
      let before: Version[] = []
      for (const [i, rows] of batches.entries()) {
        const day = Math.floor(i / aDay)
        await enter(table, batchOf(rows), write, day)
        const versions = await versionsOf(table)
        holdInvariants(versions, before)
        expect(versions).toEqual(reckoned(batches.slice(0, i + 1), kind, aDay))
        expect((await enter(table, batchOf(rows), write, day)).unchanged).toBe(true)
        before = versions
      }
    }), { numRuns: 8, examples: [[[[{ id: 1, tier: 'a', day: 0 }], [{ id: 1, tier: 'a', day: 0 }], [{ id: 1, tier: 'b', day: 1 }], [{ id: 1, tier: 'a', day: 1 }]], 'compare', 2], [[[{ id: 1, tier: null, day: 0 }], [{ id: 1, tier: null, day: 0 }], [{ id: 1, tier: 'a', day: 2 }], [{ id: 1, tier: null, day: 3 }]], 'compare', 1], [[[{ id: 1, tier: 'a', day: 0 }], [], [], [{ id: 1, tier: 'a', day: 0 }]], 'compare', 2]] })
  }, 120_000)
})

function nextDay(all: readonly Told[], of: number, after: number): number | null {
  const days = all.filter(({ id, day }) => id === of && day > after).map(({ day }) => day)
  return days.length === 0 ? null : Math.min(...days)
}

/** The whole past, so many runs a day from day 0, key by key: what was told of which day, and on which days the key was found gone. */
function reckoned(batches: readonly (readonly Told[])[], kind: 'changedBy' | 'compare', aDay: number): Version[] {
  return [1, 2, 3].flatMap(id => {
    const marks = new Map<number, { readonly tier: string | null } | 'gone'>()
    const days = () => [...marks.keys()].sort((a, b) => a - b)
    for (const [i, rows] of batches.entries()) {
      const today = Math.floor(i / aDay)
      const told = rows.find(row => row.id === id)
      const last = days().at(-1)
      const open = last !== undefined && marks.get(last) !== 'gone'
      if (!told) {
        if (open && last < today) marks.set(today, 'gone')
        continue
      }
      if (kind === 'compare') {
        const holding = open ? (marks.get(last) as { tier: string | null }).tier : undefined
        if (holding !== told.tier) marks.set(today, { tier: told.tier })
        continue
      }
      const known = marks.get(told.day)
      if (known === undefined || known === 'gone' || told.day === last) marks.set(told.day, { tier: told.tier })
      if (marks.get(days().at(-1)!) === 'gone') marks.set(Math.max(today, days().at(-1)!), { tier: told.tier })
    }
    const order = days()
    return order.flatMap((from, i) => {
      const mark = marks.get(from)!
      return mark === 'gone' ? [] : [{ id, tier: mark.tier, from, to: order[i + 1] ?? null }]
    })
  })
}
