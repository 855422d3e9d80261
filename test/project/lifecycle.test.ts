import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CliRig } from '../e2e/cli-rig.ts'
import { s3ForTests } from '../rig/s3-rig.ts'

const s3 = s3ForTests()
const config = (rules: string) => `lake: s3://lake/shop\nsources: { dir: exports }\nlayers: [landing, bronze, silver, gold]\nlifecycle:\n${rules}`
const RULES = '  - { prefix: landing, infrequentAccessAfter: 30, archiveAfter: 90 }\n  - { prefix: bronze, infrequentAccessAfter: 30, archiveAfter: 90 }\n'

let rig: CliRig
beforeEach(() => {
  rig = new CliRig({ 'config/prod.yaml': config(RULES) })
})
afterEach(() => rig.remove())

const settled = (apply: boolean) => rig.with(project => project.lifecycle(apply), { profile: 'prod', lake: undefined })

describe('[Q12-b] the lifecycle of a bucket', () => {
  it('moves raw batches to cheaper storage, and leaves live tables, logs and manifests alone', async () => {
    const { rules, excluded, added, applied } = await settled(false)
    expect(rules).toEqual([
      { ID: 'varve-abandoned-uploads', Status: 'Enabled', Filter: { Prefix: 'shop/' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
      { ID: 'varve-landing-orders', Status: 'Enabled', Filter: { Prefix: 'shop/landing/orders/_proc_date=' }, Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }, { Days: 90, StorageClass: 'GLACIER' }] },
    ])
    expect(excluded).toEqual([{ prefix: 'shop/bronze/orders/', reason: expect.stringContaining('live Delta table') as string }])
    expect([added, applied]).toEqual([['varve-abandoned-uploads', 'varve-landing-orders'], false])
    expect(s3().server.configured.has('lake?lifecycle')).toBe(false)
  })

  it('sets what it told and nothing else, once, and keeps the rules of others', async () => {
    s3().server.configured.set('lake?lifecycle', '<LifecycleConfiguration><Rule><ID>theirs</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter><Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>')
    expect(await settled(true)).toMatchObject({ applied: true, others: ['theirs'], changed: [], removed: [] })
    const body = s3().server.configured.get('lake?lifecycle')!
    for (const part of ['<ID>theirs</ID>', '<Expiration><Days>7</Days></Expiration>', '<ID>varve-landing-orders</ID>', '<Prefix>shop/landing/orders/_proc_date=</Prefix>', '<StorageClass>GLACIER</StorageClass>', '<DaysAfterInitiation>7</DaysAfterInitiation>']) expect(body).toContain(part)
    expect(body).not.toContain('bronze')
    expect(await settled(true)).toMatchObject({ applied: false, added: [], changed: [], removed: [] })
    rig.write('config/prod.yaml', config('  - { prefix: landing/orders, archiveAfter: 60, archive: GLACIER_IR }\n'))
    expect(await settled(false)).toMatchObject({ added: [], changed: ['varve-landing-orders'], removed: [] })
    rig.write('config/prod.yaml', config('  []\n'))
    expect(await settled(true)).toMatchObject({ applied: true, removed: ['varve-landing-orders'] })
    s3().server.configured.delete('lake?lifecycle')
  })

  it.each([
    ['{ prefix: landing, infrequentAccessAfter: 7 }', 'after 7 days, but S3 takes none before 30'],
    ['{ prefix: landing, infrequentAccessAfter: 30, archiveAfter: 40 }', 'archives objects 10 days after'],
    ['{ prefix: landing }', 'moves nothing'],
    ['{ prefix: attic, archiveAfter: 90 }', 'concerns no asset'],
  ])('refuses %s', async (rule, problem) => {
    rig.write('config/prod.yaml', config(`  - ${rule}\n`))
    await expect(settled(false)).rejects.toThrow(problem)
  })
})
