import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ExplainedError, SeveralMistakes } from '../../framework/vocabulary/errors.ts'
import { ProjectRig } from '../rig/project-rig.ts'

const SEED = join(import.meta.dirname, '../../../shared/platform/original-config/seed_lineage.yaml')

const CONTRACT = (name: string, source = 'erp', table = 'returns') => JSON.stringify({
  title: 'Returns', name, version: '1.0.0', source, table, primaryKey: ['id'],
  columns: [{ name: 'id', type: 'bigint', required: true }, { name: 'reason', type: 'varchar', required: true }, { name: 'changed', type: 'timestamptz' }],
})

const READER = `
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SourceSettings } from 'varve'
export const registered = {
  async files({ files }, service) {
    const { dir } = service(SourceSettings)
    return readdirSync(dir).filter(name => name.startsWith(files + '.')).map(name => {
      const location = join(dir, name)
      const { size, mtimeMs } = statSync(location)
      return { name, location, format: 'csv', gzip: false, size, identity: size + '-' + mtimeMs, open: () => createReadStream(location) }
    })
  },
}`

const GOLD = `
import { Asset, RowAsset } from 'varve'
/** One row. */
@Asset({ key: 'gold/made' })
export class Made extends RowAsset<{ id: number }> {
  readonly columns = { id: 'bigint' }
  rows() { return [{ id: 1 }] }
}`

const RETURNS = (more = '') => `  - name: bronze.returns\n    source: erp\n    table: returns\n    schema: config/schema_definitions/erp_returns_bronze.json\n${more}`

let rig: ProjectRig
const projectOf = (datasets: string, files: Readonly<Record<string, string>> = {}) => (rig = new ProjectRig({
  'config/local.yaml': 'sources: { dir: exports, reader: resources/registered.ts }\n',
  'config/schema_definitions/erp_returns_bronze.json': CONTRACT('erp_returns_bronze'),
  'config/lineage.yaml': `datasets:\n${datasets}`,
  'resources/registered.ts': READER, 'assets/gold/made.ts': GOLD,
  'exports/erp_returns.csv': 'id,reason,changed\n1, late ,2026-03-01T00:00:00Z\n2,,2026-03-01T00:00:00Z\n1,later,2026-03-02T00:00:00Z\n',
  ...files,
}))
afterEach(() => rig.remove())

const refusals = async (): Promise<readonly string[]> => {
  try {
    await rig.with(async () => {})
  } catch (error) {
    const mistakes = error instanceof SeveralMistakes ? error.mistakes : [error as ExplainedError]
    return mistakes.map(({ code, message, place }) => `${place?.file}:${place?.line} ${code}: ${message}`)
  }
  throw new Error('It was not refused')
}

describe('[Q4-a] [Q4-b] a dataset that only config/lineage.yaml declares', () => {
  it('has landing, bronze and silver, made of its contract', async () => {
    projectOf(`${RETURNS('    newer_by: changed\n    tags: [daily]\n    owners: [team:erp]\n')}  - name: silver.returns\n`)
    expect(await rig.endings()).toMatchObject({ 'landing/returns': 'materialized', 'bronze/returns': 'materialized', 'silver/returns': 'materialized' })
    expect(await rig.rows('select id::integer as id, reason from silver.returns')).toEqual([{ id: 1, reason: 'later' }])
    expect(await rig.with(async project => project.graph.keys.map(key => project.graph.get(key)).filter(({ key }) => key.endsWith('returns')).map(({ key, tags, owners, contract, place }) => ({ key, tags, owners, contract, place: `${place?.file}:${place?.line}` })))).toEqual([
      { key: 'landing/returns', tags: ['ingest', 'erp', 'daily'], owners: ['team:erp'], contract: 'erp_returns_bronze', place: 'config/lineage.yaml:2' },
      { key: 'bronze/returns', tags: ['erp', 'daily'], owners: ['team:erp'], contract: 'erp_returns_bronze', place: 'config/lineage.yaml:2' },
      { key: 'silver/returns', tags: ['erp', 'daily'], owners: ['team:erp'], contract: 'erp_returns_bronze', place: 'config/lineage.yaml:9' },
    ])
    expect(await rig.planned()).toEqual({})
  })

  it('[Q4-e] is taken by whoever selects tag:ingest', async () => {
    projectOf(RETURNS())
    expect(await rig.with(project => project.select(['tag:ingest+']))).toEqual(['landing/returns', 'bronze/returns'])
  })

  it('keeps what was there where its source sends only what changed', async () => {
    projectOf(`${RETURNS('    load: merge\n    newer_by: changed\n')}  - name: silver.returns\n`, { 'exports/erp_returns.csv': 'id,reason,changed\n1,late,2026-03-01T00:00:00Z\n2,torn,2026-03-01T00:00:00Z\n' })
    await rig.run()
    rig.write('exports/erp_returns.csv', 'id,reason,changed\n2,torn apart,2026-03-02T00:00:00Z\n3,red,2026-03-02T00:00:00Z\n')
    await rig.run()
    expect(await rig.rows('select id::integer as id, reason from silver.returns order by id')).toEqual([{ id: 1, reason: 'late' }, { id: 2, reason: 'torn apart' }, { id: 3, reason: 'red' }])
  })

  it('[Q4-d] takes rules of config/dq.yaml like any other', async () => {
    projectOf(`${RETURNS()}  - name: silver.returns\n`, { 'config/dq.yaml': 'datasets:\n  silver/returns:\n    - { rule: value_in_set, column: reason, values: [late], on_fail: quarantine }\n' })
    await rig.run()
    expect((await rig.with(project => project.quarantine())).map(({ key, rules }) => [key, rules])).toEqual([['silver/returns', [{ rule: 'reason is never null', rows: 1 }]]])
  })

  it('[Q4-f] lies where the registry says, and no query knows', async () => {
    projectOf(`${RETURNS()}    location: s3://any-bucket/cleaned/erp/returns\n`)
    await rig.run()
    expect([existsSync(join(rig.lake, 'cleaned/erp/returns/_delta_log')), existsSync(join(rig.lake, 'bronze/returns'))]).toEqual([true, false])
    expect(await rig.rows('select count(*)::integer as rows from bronze.returns')).toEqual([{ rows: 3 }])
    expect(await rig.planned()).toEqual({})
  })

  it('can be added to what classes declare, and can say things of them', async () => {
    projectOf('  - { name: gold.made, tags: [important], owners: [team:x], description: The one row. }\n')
    expect(await rig.with(async project => project.select(['tag:important', 'and', 'owner:team:x']).catch(() => project.select(['tag:important'])))).toEqual(['gold/made'])
  })
})

describe('[Q4-b] the registry is refused, with file and line,', () => {
  it.each([
    ['where a schema does not exist', '  - name: bronze.returns\n    source: erp\n    table: returns\n    schema: config/schema_definitions/erp_retuns_bronze.json\n', ['config/lineage.yaml:5 project/bad-registry: The schema config/schema_definitions/erp_retuns_bronze.json of bronze.returns does not exist.']],
    ['where a schema lies elsewhere', '  - name: bronze.returns\n    source: erp\n    table: returns\n    schema: ../returns.json\n', ['config/lineage.yaml:5 project/bad-registry: The schema ../returns.json of bronze.returns is no JSON file in config/schema_definitions/.']],
    ['where a bronze dataset has no schema', '  - name: bronze.returns\n    source: erp\n    table: returns\n', ['config/lineage.yaml:2 project/bad-registry: bronze.returns has no schema.']],
    ['where a name is there twice', `${RETURNS()}  - name: bronze/returns\n`, ['config/lineage.yaml:6 project/bad-registry: bronze/returns is registered twice, first in line 2.']],
    ['where a name has no layer of the project', '  - name: broze.returns\n', ['config/lineage.yaml:2 project/bad-registry: broze.returns is in no layer of this project.']],
    ['where a gold table has no class', '  - name: gold.maid\n', ['config/lineage.yaml:2 project/bad-registry: There is no asset gold/maid, and the registry can\'t make one above silver.']],
    ['where silver is made of nothing', '  - name: silver.returns\n', ['config/lineage.yaml:2 project/bad-registry: silver.returns can\'t be made: there is no bronze dataset bronze/returns in the registry.']],
    ['where the schema is of another table', '  - name: bronze.returns\n    source: erp\n    table: refunds\n    schema: config/schema_definitions/erp_returns_bronze.json\n', ['config/lineage.yaml:5 project/bad-registry: bronze.returns is a table of erp.refunds, but its schema erp_returns_bronze is of erp.returns.']],
    ['where two tables would lie in one place', `${RETURNS('    location: gold/made/x\n')}`, ['config/lineage.yaml:6 project/bad-registry: bronze.returns can\'t lie at gold/made/x: gold/made does, or one of them in the other.']],
    ['where a location leads out of the lake', `${RETURNS('    location: ../elsewhere\n')}`, ['config/lineage.yaml:6 project/bad-config: ']],
    ['where the newest is told by no column', `${RETURNS('    newer_by: change\n')}`, ['config/lineage.yaml:6 project/bad-registry: bronze.returns is newer by change, which is no column of erp_returns_bronze.']],
    ['where a class makes the table', '  - name: gold.made\n    load: full\n', ['config/lineage.yaml:3 project/bad-registry: gold.made can\'t say load: assets/gold/made.ts makes it.']],
    ['where a key is unknown', '  - name: gold.made\n    ownr: x\n', ['config/lineage.yaml:3 project/bad-config: ']],
  ])('%s', async (_, datasets, expected) => {
    projectOf(datasets)
    const found = await refusals()
    expect(found.map((line, i) => (expected[i]?.endsWith(': ') ? line.slice(0, expected[i].length) : line))).toEqual(expected)
  })

  it('where nothing finds files', async () => {
    projectOf(RETURNS(), { 'config/local.yaml': 'sources: { dir: exports }\n' })
    expect(await refusals()).toEqual(['config/lineage.yaml:2 project/bad-registry: bronze.returns has no class, and the profile names no module that finds its files.'])
  })
})

describe.skipIf(!existsSync(SEED))('[NXT-4] the registry of the platform before this one', () => {
  it('is loaded as it is, its twelve datasets each an asset, once its schemas are there', async () => {
    const text = readFileSync(SEED, 'utf8')
    const schemas = [...text.matchAll(/schema: (\S+)\n\s+layer: (\S+)\n\s+source: (\S+)\n\s+table: (\S+)/g)]
    projectOf('', { 'config/lineage.yaml': text, ...Object.fromEntries(schemas.map(([, path, , source, table]) => [path!, CONTRACT(path!.replace(/.*\/|\.json/g, ''), source, table)])) })
    const keys = await rig.with(async project => project.graph.keys.filter(key => !key.startsWith('landing/') && key !== 'gold/made'))
    expect([...keys].sort()).toEqual(['bronze/behavior', 'bronze/crm_accounts', 'bronze/crm_contacts', 'bronze/fx_rates', 'bronze/snowflake_orders', 'gold/customer_360', 'gold/product_perf_daily', 'silver/behavior', 'silver/crm_accounts', 'silver/crm_contacts', 'silver/fx_rates', 'silver/snowflake_orders'])
    const { notes } = await rig.with(project => project.checkConfig())
    expect(notes.map(({ place, note }) => `${place.line} ${note}`)).toEqual(['5 What is told to OpenLineage stands in config/<profile>.yaml, under lineage: move enabled there.', '6 What is told to OpenLineage stands in config/<profile>.yaml, under lineage: move url there.', '7 What is told to OpenLineage stands in config/<profile>.yaml, under lineage: move namespace there.'])
  })

  it('is refused as it is: none of its schemas was ever there', async () => {
    projectOf('', { 'config/lineage.yaml': readFileSync(SEED, 'utf8') })
    expect(await refusals()).toHaveLength(12)
  })
})
