import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openProject } from '../../framework/project/project.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { s3ForTests } from '../rig/s3-rig.ts'

const s3 = s3ForTests()
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/k1'
const NUMBERS = `
import { Asset, SqlAsset, sql } from 'varve'
/** One row per number. */
@Asset({ key: 'bronze/numbers' })
export class Numbers extends SqlAsset {
  query() {
    return sql\`select range as n from range(10)\`
  }
}`

let rig: ProjectRig
beforeEach(() => {
  rig = new ProjectRig({ 'assets/bronze/numbers.ts': NUMBERS })
})
afterEach(() => {
  rig.remove()
  for (const name of ['LAKE_BUCKET', 'LAKE_PREFIX', 'LAKE_KMS_KEY']) vi.stubEnv(name, undefined)
})

const lakeOf = async (profile: string, lake?: string) => {
  const project = await openProject({ root: process.cwd(), profile, lake })
  try {
    return project.lake
  } finally {
    await project.close()
  }
}
const materialized = (options: object) => rig.run([], { lake: undefined, ...options })

describe('where a lake lies', () => {
  it('[LND-01] comes from the configuration of the environment, and no bucket is named in code', async () => {
    vi.stubEnv('LAKE_BUCKET', 'acme-dev-lake')
    expect([await lakeOf('dev'), await lakeOf('prod')]).toEqual(['s3://acme-dev-lake/dev', 's3://acme-dev-lake/platform'])
    vi.stubEnv('LAKE_BUCKET', 'acme-lake')
    vi.stubEnv('LAKE_PREFIX', 'eu/platform')
    expect(await lakeOf('prod')).toBe('s3://acme-lake/eu/platform')
    const sources = ['framework', 'assets', 'resources', 'config'].flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => /\.(ts|py|ya?ml|json)$/.test(file)).map(file => join(folder, file)))
    const named = sources.flatMap(file => [...readFileSync(file, 'utf8').matchAll(/s3a?:\/\/(?!bucket|some|\$|')[a-z0-9][^\s'"`]*/g)].map(([place]) => `${file}: ${place}`))
    expect(named).toEqual([])
  })

  it('says which variable is missing, unless a lake is named by hand', async () => {
    await expect(lakeOf('prod')).rejects.toMatchObject({ code: 'project/unset-variable', message: expect.stringContaining('LAKE_BUCKET') as string })
    expect(await lakeOf('prod', rig.lake)).toBe(rig.lake)
    await expect(lakeOf('prod', 'gs://other/x')).rejects.toMatchObject({ code: 'objects/bad-place' })
  })

  it('[GOV-KMS-1] is refused where nothing encrypts what comes there, and nothing is written', async () => {
    rig.write('config/prod.yaml', 'lake: s3://lake/kms\naws: { requireKms: true }\n')
    await expect(materialized({ profile: 'prod' })).rejects.toMatchObject({ code: 'project/unencrypted-lake', hint: expect.stringContaining('kmsKey') as string })
    expect([...s3().server.objects('lake').keys()]).toEqual([])
    s3().server.configured.set('lake?encryption', '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>')
    expect((await materialized({ profile: 'prod' })).ok).toBe(true)
    s3().server.configured.delete('lake?encryption')
  })

  it('[GOV-KMS-2] has every object encrypted with the configured key, log and data alike', async () => {
    rig.write('config/prod.yaml', `lake: s3://lake/own-key\naws: { requireKms: true, kmsKey: "\${LAKE_KMS_KEY}" }\n`)
    vi.stubEnv('LAKE_KMS_KEY', KEY)
    expect((await materialized({ profile: 'prod' })).ok).toBe(true)
    const objects = [...s3().server.objects('lake')].filter(([key]) => key.startsWith('own-key/'))
    expect(objects.map(([key]) => key.replace(/part.*parquet/, 'data'))).toEqual(['own-key/bronze/numbers/data', 'own-key/bronze/numbers/_delta_log/00000000000000000000.json'])
    for (const [, { headers }] of objects) expect(headers).toMatchObject({ 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': KEY })
  })
})
