import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import type { LogStore } from '../../framework/delta/log-store.ts'
import { MemoryLogStore } from '../../framework/delta/memory-log-store.ts'
import { S3LogStore } from '../../framework/delta/s3-log-store.ts'
import { S3ObjectStore } from '../../framework/objects/s3-object-store.ts'
import { ObjectServer } from '../rig/object-server.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
let made = 0
let server: ObjectServer
beforeAll(async () => void (server = await ObjectServer.start('lake')))
afterAll(() => server.stop())
const stores: Record<string, () => LogStore> = {
  'a local log store': () => new LocalLogStore(join(rig.folder, `log-${(made += 1)}`)),
  'a local log store without syncing': () => new LocalLogStore(join(rig.folder, `log-${(made += 1)}`), { sync: 'none' }),
  'a log store on S3': () => {
    const name = `log-${(made += 1)}`
    return new S3LogStore(new S3ObjectStore({ bucket: 'lake', prefix: 'deep/in/' }, { endpoint: server.endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }), name, join(rig.folder, name))
  },
  'a log store in memory': () => new MemoryLogStore(),
}
const text = async (store: LogStore, name: string) => Buffer.from(await store.read(name)).toString()

describe.each(Object.keys(stores))('%s', kind => {
  const open = stores[kind]!

  it('is empty before anything is written', async () => {
    const store = open()
    expect(await store.list()).toEqual([])
    expect(await store.sidecars()).toEqual([])
    expect(await store.stat('a')).toBeUndefined()
    await expect(store.read('a')).rejects.toMatchObject({ code: 'delta/log-file-missing' })
  })

  it('makes a name once, and leaves what was there', async () => {
    const store = open()
    expect(await store.putIfAbsent('0.json', 'first')).toBe(true)
    expect(await store.putIfAbsent('0.json', 'second')).toBe(false)
    expect(await text(store, '0.json')).toBe('first')
  })

  it('lets exactly one of many writers have a name', async () => {
    const store = open()
    const won = await Promise.all(Array.from({ length: 16 }, (_, i) => store.putIfAbsent('1.json', `writer ${i}`)))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(await text(store, '1.json')).toBe(`writer ${won.indexOf(true)}`)
  })

  it('lists by name from a name on, with sizes, and nothing hidden or nested', async () => {
    const store = open()
    for (const name of ['b', 'a', 'c', '_sidecars/x']) await store.put(name, name)
    expect((await store.list()).map(({ name, bytes }) => [name, bytes])).toEqual([['a', 1], ['b', 1], ['c', 1]])
    expect((await store.list('b')).map(({ name }) => name)).toEqual(['b', 'c'])
    expect((await store.sidecars()).map(({ name, bytes }) => [name, bytes])).toEqual([['_sidecars/x', 11]])
  })

  it('replaces with put, takes a file over with putFile, and forgets with delete', async () => {
    const store = open()
    await store.put('hint', 'one')
    await store.put('hint', 'two')
    expect(await text(store, 'hint')).toBe('two')
    const source = join(rig.folder, `source-${(made += 1)}`)
    writeFileSync(source, 'checkpoint')
    await store.putFile('sub/checkpoint', source)
    expect(await text(store, 'sub/checkpoint')).toBe('checkpoint')
    await store.delete('hint')
    await store.delete('hint')
    expect(await store.stat('hint')).toBeUndefined()
  })

  it('gives DuckDB a path to read', async () => {
    const store = open()
    await store.put('x.json', '{"a":1}\n')
    const path = await store.readable('x.json')
    expect(await rig.database.use(c => c.json(`select * from read_json('${path}')`))).toEqual([{ a: 1 }])
  })
})
