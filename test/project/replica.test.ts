import { cpSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ReplicatedTable } from '../../framework/storage/replica.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { s3ForTests } from '../rig/s3-rig.ts'

const s3 = s3ForTests()
let many = 1
Object.defineProperty(globalThis, 'howMany', { get: () => many })
beforeAll(() => void (many = 1))
afterAll(() => void (many = 1))

const NUMBERS = `
import { Asset, SqlAsset, append, sql } from 'varve'
/** One row per number, ever. */
@Asset({ key: 'bronze/numbers', write: append({ key: ['n'] }) })
export class Numbers extends SqlAsset {
  query() {
    return sql\`select range as n from range(\${globalThis.howMany})\`
  }
}`

let rig: ProjectRig
let replica: string
const grow = async (to: number) => {
  many = to
  expect((await rig.run([], { force: true })).ok).toBe(true)
}
beforeEach(async () => {
  rig = new ProjectRig({ 'assets/bronze/numbers.ts': NUMBERS })
  replica = join(rig.root, 'replica')
  for (let to = 1; to <= 13; to += 1) await grow(to)
  cpSync(rig.lake, replica, { recursive: true })
})
afterEach(() => rig.remove())

const verified = async (place = replica, lake = rig.lake): Promise<ReplicatedTable> => (await rig.with(project => project.verifyReplica(place, ['bronze/numbers']), { lake }))[0]!
const table = () => join(replica, 'bronze/numbers')
/** The data file that the newest commit adds. */
const newestFile = () => readdirSync(table()).find(name => name.endsWith('.parquet') && readFileSync(join(table(), '_delta_log/00000000000000000012.json'), 'utf8').includes(name))!

it('[Q14-a] a replica that has all of the lake can be read up to its newest version', async () => {
  expect(await verified()).toEqual({ asset: 'bronze/numbers', head: 12, newest: 12, usable: 12, missing: [] })
})

it('[Q14-a] a commit that came before a file that it names does not count', async () => {
  const last = newestFile()
  rmSync(join(table(), last))
  expect(await verified()).toEqual({ asset: 'bronze/numbers', head: 12, newest: 12, usable: 11, missing: [last] })
})

it('a file that came only half, a log with a hole and a table that never came are told', async () => {
  const last = newestFile()
  truncateSync(join(table(), last), 10)
  expect(await verified()).toMatchObject({ newest: 12, usable: 11, missing: [last] })
  rmSync(join(table(), '_delta_log/00000000000000000011.json'))
  expect(await verified()).toMatchObject({ newest: 12, usable: 10 })
  rmSync(replica, { recursive: true })
  expect(await verified()).toMatchObject({ newest: -1, usable: undefined, missing: ['_delta_log'] })
})

it('[Q14-a] replicas of buckets are looked at the same way', async () => {
  const lake = 's3://lake/own'
  many = 1
  await rig.run([], { lake, force: true })
  many = 2
  await rig.run([], { lake, force: true })
  const objects = s3().server.objects('lake')
  for (const [key, object] of Array.from(objects)) if (key.startsWith('own/')) objects.set(key.replace('own/', 'replica/'), object)
  expect(await verified('s3://lake/replica', lake)).toMatchObject({ head: 1, newest: 1, usable: 1 })
  const newest = objects.get('replica/bronze/numbers/_delta_log/00000000000000000001.json')!.body.toString()
  const gone = [...objects.keys()].find(key => key.startsWith('replica/') && key.endsWith('.parquet') && newest.includes(key.split('/').at(-1)!))!
  objects.delete(gone)
  expect(await verified('s3://lake/replica', lake)).toMatchObject({ head: 1, newest: 1, usable: 0, missing: [gone.split('/').at(-1)] })
})
