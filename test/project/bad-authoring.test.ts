import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ExplainedError, Place } from '../../framework/vocabulary/errors.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const CONTRACT = { name: 'shop', version: '1.0.0', source: 'shop', table: 'orders', primaryKey: ['id'], columns: [{ name: 'id', type: 'bigint' }, { name: 'day', as: 'date', type: 'date' }] }
const READER = (upstream: string, query = 'sql`select 1 as a from ${this.raw}`') => module('Asset, SqlAsset, Upstream, sql', `
class Plain {}
/** One row. */
@Asset({ key: 'gold/reader' })
export class Reader extends SqlAsset {
  @Upstream(${upstream} as any) readonly raw!: any
  query() { return ${query} as any }
}`)
const ALONE = (query: string, check = '') => module('Asset, Check, SqlAsset, sql', `
/** One row. */
@Asset({ key: 'gold/alone' })
export class Alone extends SqlAsset {
  query() { ${query} }
  ${check}
}`)
const LANDED = (files: string) => module('Asset, FileAsset', `
import { statSync } from 'node:fs'
/** Files. */
@Asset({ key: 'landing/files' })
export class Files extends FileAsset {
  files(): any { ${files} }
}`)
const ONE = module('Asset, SqlAsset, sql', '/** One row. */\n@Asset({ key: \'gold/one\', contract: \'shop\' })\nexport class One extends SqlAsset { query() { return sql`select 1 as a` } }')

const refused = async (files: Readonly<Record<string, string>>): Promise<{ readonly code: string; readonly message: string; readonly place: Place | undefined }> => {
  rig = new ProjectRig(files)
  const error = await rig.run().then(() => undefined, (mistake: unknown) => mistake as ExplainedError)
  expect(existsSync(rig.lake)).toBe(false)
  return { code: error!.code, message: error!.message.replaceAll(rig.root, '.'), place: error!.place && { ...error!.place, file: error!.place.file.replace(rig.root, '.') } }
}

describe('what authors write wrongly is told with its name and its place, and nothing is written:', () => {
  it.each([
    ['\'bronze/raw\'', 'definition/upstream-is-no-thunk', 'gold/reader declares the upstream "raw" by "bronze/raw" and not by a function that answers its class.'],
    ['(() => \'bronze/raw\')', 'definition/not-an-asset', 'gold/reader declares the upstream "raw" as "bronze/raw", which is no asset.'],
    ['(() => Plain)', 'definition/not-an-asset', 'gold/reader declares the upstream "raw" as Plain, which is no asset.'],
    ['(() => undefined)', 'definition/upstream-not-loaded', 'gold/reader declares the upstream "raw", but its class is not there.'],
    ['(() => { throw new Error("oh") })', 'definition/upstream-not-loaded', 'gold/reader declares the upstream "raw", but its class is not there: oh.'],
  ])('the upstream %s', async (upstream, code, message) => {
    expect(await refused({ 'assets/gold/reader.ts': READER(upstream) })).toEqual({ code, message, place: { file: 'assets/gold/reader.ts', line: 6 } })
  })

  it('an upstream that is none, of a table with a contract', async () => {
    const files = { 'config/schema_definitions/shop.json': JSON.stringify(CONTRACT), 'assets/gold/reader.ts': READER('\'bronze/raw\'').replace("key: 'gold/reader'", "key: 'gold/reader', contract: 'shop'") }
    expect(await refused(files)).toMatchObject({ code: 'definition/upstream-is-no-thunk', place: { file: 'assets/gold/reader.ts', line: 6 } })
  })

  it.each([
    ['return "select 1" as any', 'project/no-sql', 'query() of gold/alone returns no query.'],
    ['throw new Error("oh")', 'project/query-threw', 'query() of gold/alone threw: oh'],
  ])('a query that says %s', async (query, code, message) => {
    expect(await refused({ 'assets/gold/alone.ts': ALONE(query) })).toEqual({ code, message, place: { file: 'assets/gold/alone.ts', line: 5 } })
  })

  it('a check that reads a table which is not declared', async () => {
    expect(await refused({ 'assets/gold/alone.ts': ALONE('return sql`select 1 as a`', '@Check() holds() { return sql`select * from ${this} where a not in (select b from gold.other)` }') })).toEqual({
      code: 'graph/undeclared-read', message: 'The check "holds" of gold/alone reads gold.other, which is not among its upstreams (it has none).', place: { file: 'assets/gold/alone.ts', line: 5 },
    })
  })

  it('a check that takes rows out and asks the very table', async () => {
    const alone = module('Asset, SqlAsset, relationship, sql', `
@Asset({ key: 'gold/alone', checks: [relationship('a', () => Alone, 'b', { onFail: 'quarantine' })] })
export class Alone extends SqlAsset {
  query() { return sql\`select 1 as a, 2 as b\` }
}`)
    expect(await refused({ 'assets/gold/alone.ts': alone })).toEqual({
      code: 'graph/rejects-by-itself', message: 'The check "a is found in its other table" of gold/alone takes rows out, so it can\'t ask gold/alone itself, which is made of the rows that are left.', place: { file: 'assets/gold/alone.ts', line: 4 },
    })
  })

  it('a module that throws while it is imported, also where nothing follows what it throws', async () => {
    expect(await refused({ 'assets/gold/alone.ts': 'throw new Error("oh")' })).toEqual({ code: 'project/assets-do-not-load', message: 'The assets can\'t be loaded: oh', place: { file: 'assets/gold/alone.ts' } })
    rig.remove()
    expect(await refused({ 'assets/gold/alone.ts': ALONE('return sql`select 1 as a`').replace('gold/alone', 'Gold') })).toEqual({ code: 'definition/invalid-key', message: '"Gold" is not an asset key.', place: { file: 'assets/gold/alone.ts' } })
  })

  it.each([
    ['statSync("/nowhere/at-all"); return []', 'landing/source-not-listed', 'The files of landing/files can\'t be told: ENOENT: no such file or directory, stat \'/nowhere/at-all\'.'],
    ['return [{ name: "a.xml", location: "a.xml", format: "xml", gzip: false, size: 1, identity: "1", open: () => undefined }]', 'landing/unknown-format', 'landing/files calls a.xml a file of the format "xml".'],
  ])('files of a source: %s', async (files, code, message) => {
    expect(await refused({ 'assets/landing/files.ts': LANDED(files), 'config/local.yaml': 'sources: { dir: . }\n' })).toMatchObject({ code, message, place: { file: 'assets/landing/files.ts' } })
  })

  it.each([
    ['a column twice', { columns: [...CONTRACT.columns, { name: 'id', as: 'other', type: 'bigint' }] }, 'has the column "id" twice.', 20],
    ['one name for two columns', { columns: [...CONTRACT.columns, { name: 'other', as: 'date', type: 'date' }] }, 'calls two columns "date".', 22],
    ['a primary key of no column', { primaryKey: ['day'] }, 'names "day" in its primary key, which is none of its columns.', 7],
  ])('a contract with %s', async (_, change, problem, line) => {
    const file = 'config/schema_definitions/shop.json'
    expect(await refused({ 'assets/gold/one.ts': ONE, [file]: JSON.stringify({ ...CONTRACT, ...change }, null, 2) })).toEqual({ code: 'project/contract-contradiction', message: `${file} ${problem}`, place: { file, line } })
  })

  it('a first word of the rules\' file that is mistyped, and YAML that unfolds without end', async () => {
    expect(await refused({ 'config/dq.yaml': 'version: 1\ndataset:\n  gold/one:\n    - rule: not_null\n' })).toEqual({ code: 'project/bad-config', message: 'config/dq.yaml has the unknown key "version".', place: { file: 'config/dq.yaml', line: 1, column: 1 } })
    rig.remove()
    const bomb = ['a: &a [x, x, x, x, x, x, x, x]', ...'bcdef'.split('').map((name, i) => `${name}: &${name} [${Array(8).fill(`*${'abcdef'[i]}`).join(', ')}]`)].join('\n')
    expect(await refused({ 'config/local.yaml': bomb })).toMatchObject({ code: 'project/bad-config', place: { file: 'config/local.yaml', line: 1 } })
  })
})

describe('a lake that cannot be written', () => {
  it.each([['a file', 'package.json', 'it is a file'], ['below a file', 'package.json/lake', 'a part of the path is a file'], ['where no folder can be made', '/proc/varve/lake', 'it does not exist and could not be made']])('is told: %s', async (_, lake, problem) => {
    rig = new ProjectRig({ 'assets/gold/alone.ts': ALONE('return sql`select 1 as a`') })
    const path = join(rig.root, lake)
    const absolute = lake.startsWith('/') ? lake : path
    await expect(rig.run([], { lake: absolute })).rejects.toMatchObject({ code: 'project/lake-not-writable', message: `The lake folder ${absolute} can't be written: ${problem}.`, place: { file: absolute } })
  })

  it('is found without making it, and one that can be made is made', async () => {
    rig = new ProjectRig({ 'assets/gold/alone.ts': ALONE('return sql`select 1 as a`') })
    await expect(rig.run(['gold/nobody'])).rejects.toMatchObject({ code: 'graph/unknown-asset' })
    expect(existsSync(rig.lake)).toBe(false)
    expect((await rig.run()).ok).toBe(true)
    mkdirSync(join(rig.root, 'elsewhere'))
    symlinkSync(join(rig.root, 'elsewhere'), join(rig.root, 'link'))
    expect((await rig.run([], { lake: join(rig.root, 'link', 'deep', 'lake') })).ok).toBe(true)
  })
})
