import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { evict } from '../../framework/objects/evict.ts'
import { filesAt } from '../../framework/objects/lake-files.ts'
import { Mirror, mirrorOf, mount } from '../../framework/objects/mirror.ts'
import { objectPlace } from '../../framework/objects/object-place.ts'
import { S3ObjectStore } from '../../framework/objects/s3-object-store.ts'
import { s3ForTests } from '../rig/s3-rig.ts'

const s3 = s3ForTests()
let folder: string
let mounted: ReturnType<typeof mount>
let lakes = 0

const storeAt = (place: string) => new S3ObjectStore(objectPlace(place), { endpoint: s3().proxy.endpoint, patience: { attempts: 2, firstPause: 1 } })
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'varve-mirror-')), 'lake')
  const place = `s3://lake/mirrored/${(lakes += 1)}`
  mounted = mount(folder, () => new Mirror(folder, storeAt(place), { limit: 1000, storeAt }))
})
afterEach(async () => {
  await mounted.unmount()
  rmSync(dirname(folder), { recursive: true, force: true })
})

const written = (name: string, text: string) => {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  mounted.mirror.wrote(path)
  return path
}

describe('a mirror', () => {
  it('brings to the lake what is wanted of what was written, and nothing else', async () => {
    const [a, b] = [written('t/a', 'one'), written('t/b', 'two')]
    await mounted.mirror.settle(join(folder, 't'), name => name === 'a')
    expect(await mounted.mirror.sizes([a, b])).toEqual([3, undefined])
    await mounted.mirror.remove([b])
    await mounted.mirror.settle(join(folder, 't'))
    expect(await mounted.mirror.sizes([a, b])).toEqual([3, undefined])
    expect([statSync(a).mode & 0o200, existsSync(b)]).toEqual([0, false])
  })

  it('brings a file here once, however many ask, and again when it is gone', async () => {
    const path = written('t/a', 'one')
    await mounted.mirror.settle(folder)
    rmSync(path)
    s3().proxy.take()
    await Promise.all([1, 2, 3].map(() => mounted.mirror.bring([path, path])))
    expect([readFileSync(path, 'utf8'), s3().proxy.take().length]).toEqual(['one', 1])
    await mounted.mirror.bring([path])
    expect(s3().proxy.take()).toEqual([])
    await expect(mounted.mirror.bring([join(folder, 't/other')])).rejects.toMatchObject({ code: 'objects/missing', message: expect.stringContaining('s3://lake/mirrored/') as string })
  })

  it('reads files of other buckets by their addresses', async () => {
    await storeAt('s3://lake/elsewhere').put('x/y', 'far')
    const path = mounted.mirror.pathOf('s3a://lake/elsewhere/x/y')
    await mounted.mirror.bring([path])
    expect([readFileSync(path, 'utf8'), mounted.mirror.placeOf(path), mounted.mirror.pathOf(`${mounted.mirror.objects.place}/t/a`)]).toEqual(['far', 's3://lake/elsewhere/x/y', join(folder, 't/a')])
  })

  it('is one for all who mount its folder, until the last has gone', async () => {
    const again = mount(folder, () => { throw new Error('There is one') })
    expect(again.mirror).toBe(mounted.mirror)
    await again.unmount()
    expect(mirrorOf(join(folder, 't/a'))).toBe(mounted.mirror)
    expect([mirrorOf(folder), mirrorOf(`${folder}-other/t`)]).toEqual([mounted.mirror, undefined])
  })

  it('lets those who replace a file at once all have their say', async () => {
    const path = join(folder, '_state/keys.json')
    await Promise.all(Array.from({ length: 8 }, (_, i) => filesAt(path).update(path, text => JSON.stringify([...(JSON.parse(text ?? '[]') as number[]), i].sort()))))
    expect(JSON.parse((await filesAt(path).read(path))!)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})

describe('eviction', () => {
  const file = (name: string, hoursAgo: number, kept = true) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'x'.repeat(100))
    const then = new Date(Date.now() - hoursAgo * 3_600_000)
    utimesSync(path, then, then)
    if (kept) chmodSync(path, 0o444)
    return path
  }

  it('takes copies away that were not used for longest, and nothing that is in use or on its way', async () => {
    const [old, used, young, pending, abandoned] = [file('old', 5), file('used', 9), file('young', 1), file('pending', 2, false), file('abandoned', 30, false)]
    expect(await evict(folder, 250, path => path === used)).toBe(200)
    expect([old, used, young, pending, abandoned].map(existsSync)).toEqual([false, true, true, true, false])
    expect(await evict(folder, 0, path => path === used)).toBe(100)
    expect([used, young, pending].map(existsSync)).toEqual([true, false, true])
  })
})
