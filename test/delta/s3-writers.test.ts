import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitName } from '../../framework/delta/log-names.ts'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { readCommit } from '../../framework/delta/read-commit.ts'
import { S3LogStore } from '../../framework/delta/s3-log-store.ts'
import { append, newTable } from '../../framework/delta/stage.ts'
import { S3ObjectStore } from '../../framework/objects/s3-object-store.ts'
import { DisturbedProxy, type Disturbance } from '../rig/disturbed-proxy.ts'
import { ObjectServer } from '../rig/object-server.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const schema = { type: 'struct', fields: [{ name: 'a', type: 'long', nullable: true, metadata: {} }] } as const
let server: ObjectServer
let proxy: DisturbedProxy
let tables = 0

beforeAll(async () => {
  server = await ObjectServer.start('lake')
  proxy = await DisturbedProxy.before(server.endpoint)
})
afterAll(async () => {
  await proxy.stop()
  await server.stop()
})

const objects = () => new S3ObjectStore({ bucket: 'lake', prefix: 'tables/' }, { endpoint: proxy.endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, patience: { attempts: 12, firstPause: 1 } })
const tableOf = (name: string) => new DeltaTable(`${rig.folder}/${name}`, new S3LogStore(objects(), name, `${rig.folder}/${name}`), rig.database)
const file = (path: string) => ({ path, partitionValues: {}, size: 1, modificationTime: 0, dataChange: true, stats: '{"numRecords":1}' })

const DISTURBANCES: readonly Disturbance[] = [
  { kind: 'refuse', status: 503, code: 'SlowDown' },
  { kind: 'refuse', status: 503, code: 'SlowDown', carriedOut: true },
  { kind: 'refuse', status: 409, code: 'ConditionalRequestConflict' },
  { kind: 'cut', carriedOut: false },
  { kind: 'cut', carriedOut: true },
  { kind: 'late', ms: 5 },
]

describe('writers of one table on S3', () => {
  it('lose no commit and make none twice, whatever becomes of their requests', async () => {
    const fates = fc.array(fc.option(fc.constantFrom(...DISTURBANCES), { freq: 3 }), { minLength: 20, maxLength: 60 })
    await fc.assert(fc.asyncProperty(fates, fc.integer({ min: 2, max: 4 }), async (fate, writers) => {
      const name = `t${(tables += 1)}`
      proxy.disturb = () => undefined
      await tableOf(name).commit(newTable({ schema, properties: { 'delta.checkpointInterval': '100000' }, files: [] }), undefined, { operation: 'CREATE' })
      proxy.take()
      proxy.disturb = (_, nth) => fate[nth - 1] ?? undefined
      const each = 3
      await Promise.all(Array.from({ length: writers }, async (_, writer) => {
        const table = tableOf(name)
        for (let i = 0; i < each; i += 1) {
          const outcome = await table.commit(append(await table.snapshot(), [file(`w${writer}-${i}`)]), await table.snapshot(), { operation: 'WRITE' })
          expect(outcome).toMatchObject({ status: 'committed' })
        }
      }))
      proxy.disturb = () => undefined
      const log = new S3LogStore(objects(), name, rig.folder)
      const paths: string[] = []
      for (let version = 1; await log.stat(commitName(version)); version += 1) paths.push(...(await readCommit(log, version)).flatMap(action => ('add' in action ? [action.add.path] : [])))
      expect(paths.sort()).toEqual(Array.from({ length: writers }, (_, writer) => Array.from({ length: each }, (_, i) => `w${writer}-${i}`)).flat().sort())
    }), { numRuns: 12 })
  }, 120_000)

  it('ask once to know whether there is something new, and once for a commit on what they know', async () => {
    proxy.disturb = () => undefined
    const table = tableOf('counted')
    await table.commit(newTable({ schema, files: [file('first')] }), undefined, { operation: 'CREATE' })
    const base = await table.snapshot()
    proxy.take()
    expect(await table.head(base.version)).toBe(0)
    expect(proxy.take().map(({ method }) => method)).toEqual(['GET'])
    await table.commit(append(base, [file('second')]), base, { operation: 'WRITE' })
    expect(proxy.take().map(({ method, conditional }) => [method, conditional])).toEqual([['PUT', true]])
    await table.snapshot()
    expect(proxy.take().length).toBeLessThanOrEqual(5)
  })
})
