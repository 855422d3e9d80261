import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { SourceSettings } from '#framework'
import { CrmExports } from '#resources/sources/crm'
import { ExportFolder, UnreadableExport, UnreadableExportFolder } from '#resources/sources/export-folder'
import { FxExports } from '#resources/sources/fx'
import { ContainerInstance } from 'typedi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let dir: string
let services: ContainerInstance
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'varve-exports-'))
  services = new ContainerInstance('test')
  services.set(SourceSettings, new SourceSettings(dir))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const put = (name: string, content: string | Buffer) => writeFile(join(dir, name), content)

describe('the folder of exports', () => {
  it('finds a table in each of its forms and tells an array of JSON from lines of it', async () => {
    await put('t.csv', 'a\n1\n')
    await put('t.1.csv.gz', gzipSync('a\n2\n'))
    await put('t.json', ' \n [{"a":1}]')
    await put('t.2.json', '{"a":1}\n{"a":2}\n')
    await put('t.2.json.gz', gzipSync('\uFEFF[{"a":1}]'))
    await put('t.jsonl', '{"a":1}')
    await put('t.ndjson.gz', gzipSync('{"a":1}'))
    const files = await services.get(ExportFolder).files('t')
    expect(files.map(({ name, format, gzip }) => [name, format, gzip])).toEqual([
      ['t.1.csv.gz', 'csv', true],
      ['t.2.json', 'json-lines', false],
      ['t.2.json.gz', 'json-array', true],
      ['t.csv', 'csv', false],
      ['t.json', 'json-array', false],
      ['t.jsonl', 'json-lines', false],
      ['t.ndjson.gz', 'json-lines', true],
    ])
  })

  it('does not take another table, another kind of file or a half-written one for a part', async () => {
    for (const name of ['fx_rates_historical.json', 'fx_rates.csv.part', 'fx_rates.txt', 'fx_rates.csv.bak', '.fx_rates.csv', 'fx_rates']) await put(name, '{}')
    expect(await services.get(FxExports).read('rates')).toEqual([])
    expect((await services.get(FxExports).read('rates_historical')).map(({ name }) => name)).toEqual(['fx_rates_historical.json'])
  })

  it('hands over the bytes as they are, and an identity that changes with them', async () => {
    await put('crm_accounts.csv', 'Id\n1\n')
    const [before] = await services.get(CrmExports).read('accounts')
    expect(await text(before!.open())).toBe('Id\n1\n')
    expect(before).toMatchObject({ name: 'crm_accounts.csv', location: join(dir, 'crm_accounts.csv'), size: 5 })
    const [same] = await services.get(CrmExports).read('accounts')
    expect(same!.identity).toBe(before!.identity)
    await put('crm_accounts.csv', 'Id\n2\n')
    await utimes(join(dir, 'crm_accounts.csv'), 1, 1)
    const [after] = await services.get(CrmExports).read('accounts')
    expect(after!.identity).not.toBe(before!.identity)
  })

  it('says which folder it cannot read', async () => {
    services.set(SourceSettings, new SourceSettings(join(dir, 'nowhere')))
    await expect(services.get(CrmExports).read('accounts')).rejects.toThrow(UnreadableExportFolder)
  })

  it('says which file is no gzip when it must look inside', async () => {
    await put('fx_rates.json.gz', 'not gzip at all')
    const looking = services.get(FxExports).read('rates')
    await expect(looking).rejects.toThrow(UnreadableExport)
    await expect(looking).rejects.toThrow('fx_rates.json.gz')
  })
})
