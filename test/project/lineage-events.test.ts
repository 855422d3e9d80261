import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterEach, describe, expect, it } from 'vitest'
import type { OpenLineageRunEvent } from '../../framework/graph/lineage-formats/openlineage-run.ts'
import { openProject } from '../../framework/project/project.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { ROOT } from '../assets/platform-rig.ts'

const SCHEMAS = new URL('../../../shared/openlineage/', import.meta.url)

const CONTRACT = JSON.stringify({
  title: 'People', name: 'crm_people', version: '1.0.0', source: 'crm', table: 'people', primaryKey: ['id'],
  columns: [{ name: 'id', type: 'bigint', required: true }, { name: 'email', type: 'varchar', required: false, tags: ['pii:email'] }],
})

const PEOPLE = `
import { Asset, RowAsset } from 'varve'
/** One row per person. */
@Asset({ key: 'bronze/people', contract: 'crm_people', owners: ['team:crm'], tags: ['crm'] })
export class People extends RowAsset<{ id: number; email: string }> {
  readonly columns = { id: 'bigint', email: 'varchar' }
  rows() { return [{ id: 1, email: 'ann@example.com' }] }
}`

const TIDY = (query: string, checks = "checks: [notNull('mail')]") => `
import { Asset, SqlAsset, Upstream, notNull, sql } from 'varve'
import { People } from '../bronze/people'
/** One row per person, tidy. */
@Asset({ key: 'silver/people', ${checks} })
export class Tidy extends SqlAsset {
  @Upstream(() => People) readonly people!: People
  query() { return sql\`${query}\` }
}`

const COUNT = `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { Tidy } from '../silver/people'
/** How many there are. */
@Asset({ key: 'gold/count' })
export class Count extends SqlAsset {
  @Upstream(() => Tidy) readonly people!: Tidy
  query() { return sql\`select count(*) as people from \${this.people}\` }
}`

let rig: ProjectRig
afterEach(() => rig.remove())

function project(silver: string, lineage = 'enabled: true, url: "file:told.ndjson", namespace: shop'): ProjectRig {
  return (rig = new ProjectRig({
    'config/local.yaml': `lineage: { ${lineage} }\n`, 'config/schema_definitions/crm_people.json': CONTRACT,
    'assets/bronze/people.ts': PEOPLE, 'assets/silver/people.ts': silver, 'assets/gold/count.ts': COUNT,
  }))
}

const told = (path = join(rig.root, 'told.ndjson')): OpenLineageRunEvent[] => (existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').map(line => JSON.parse(line) as OpenLineageRunEvent) : [])
const shortly = (events: readonly OpenLineageRunEvent[]) => events.map(({ eventType, job }) => `${eventType} ${job.name.startsWith('varve-rig') ? 'run' : job.name}`)

describe('a run that is told to OpenLineage', () => {
  it('begins and ends once, and so does each of its steps, with the run as its parent', async () => {
    project(TIDY('select id, lower(email) as mail from ${this.people}'))
    const { run } = await rig.run()
    const events = told()
    expect(shortly(events)).toEqual([
      'START run', 'START bronze/people', 'COMPLETE bronze/people', 'START silver/people', 'START silver/people.checks', 'COMPLETE silver/people.checks', 'COMPLETE silver/people',
      'START gold/count', 'COMPLETE gold/count', 'COMPLETE run',
    ])
    expect(events[0]!.run.runId).toBe(run)
    const ids = new Set(events.map(({ run }) => run.runId))
    expect([ids.size, [...ids].every(id => /^[\da-f]{8}-[\da-f]{4}-[45][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id))]).toEqual([5, true])
    const silver = events.findLast(({ job }) => job.name === 'silver/people')!
    expect(silver.run.facets).toMatchObject({ parent: { run: { runId: run }, job: { namespace: 'shop' }, root: { run: { runId: run } } }, processing_engine: { name: 'DuckDB' } })
    expect(silver.job).toMatchObject({ namespace: 'shop', facets: { sql: { query: 'select id, lower(email) as mail from "bronze/people"', dialect: 'duckdb' }, jobType: { jobType: 'SQL' } } })
    expect(silver.inputs).toMatchObject([{ namespace: 'file', name: join(rig.lake, 'bronze/people'), facets: { version: { datasetVersion: '0' }, ownership: { owners: [{ name: 'team:crm', type: 'team' }] }, tags: { tags: [{ key: 'crm' }, { key: 'pii:email', field: 'email' }] } } }])
    expect(silver.outputs).toMatchObject([{
      name: join(rig.lake, 'silver/people'),
      facets: {
        schema: { fields: [{ name: 'id', type: 'BIGINT' }, { name: 'mail', type: 'VARCHAR' }] }, version: { datasetVersion: '0' }, lifecycleStateChange: { lifecycleStateChange: 'CREATE' },
        columnLineage: { fields: { mail: { inputFields: [{ field: 'email' }] } } }, lineage: { fields: { mail: { inputs: [{ field: 'email', type: 'DATASET' }] } } },
      },
      outputFacets: { outputStatistics: { rowCount: 1, fileCount: 1 } },
    }])
    const checks = events.find(({ eventType, job }) => eventType === 'COMPLETE' && job.name.endsWith('.checks'))!
    expect(checks.run.facets).toMatchObject({ parent: { run: { runId: silver.run.runId } } })
    expect(checks.inputs[0]!.inputFacets).toMatchObject({ dataQualityAssertions: { assertions: [{ column: 'mail', success: true, severity: 'error' }] }, dataQualityMetrics: { rowCount: 1, columnMetrics: { mail: { nullCount: 0 } } } })
  })

  it('fails with what fails, and what is skipped is aborted', async () => {
    project(TIDY("select id, nullif(email, 'ann@example.com') as mail from ${this.people}"))
    await rig.run()
    expect(shortly(told()).slice(3)).toEqual(['START silver/people', 'START silver/people.checks', 'FAIL silver/people.checks', 'FAIL silver/people', 'START gold/count', 'ABORT gold/count', 'FAIL run'])
    expect(told().at(-2)!.run.facets).toMatchObject({ errorMessage: { message: 'Skipped, since silver/people did not end well.' } })
  })

  it('is aborted by the next run where its process was killed, steps first, once; one that is still at work is left alone', async () => {
    project(TIDY('select id, email as mail from ${this.people}'))
    await rig.run()
    const [run, step] = told() as [OpenLineageRunEvent, OpenLineageRunEvent]
    const folder = join(rig.root, '.varve/openlineage/begun')
    expect(readdirSync(folder)).toEqual([])
    const gone = spawnSync(process.execPath, ['-e', '0']).pid
    const leave = (pid: number, start: OpenLineageRunEvent, runId: string) => writeFileSync(join(folder, `${runId}.json`), JSON.stringify({ process: pid, start: { ...start, run: { ...start.run, runId } } }))
    const ids = [1, 2, 3].map(n => `0000000${n}-0000-4000-8000-000000000000`) as [string, string, string]
    leave(gone, run, ids[0])
    leave(gone, step, ids[1])
    leave(process.ppid, run, ids[2])
    rmSync(join(rig.root, 'told.ndjson'))
    await rig.run([], { now: new Date('2026-03-01T06:00:00Z') })
    expect(told().slice(0, 3).map(({ eventType, eventTime, job, run }) => [eventType, eventTime, job.name, run.runId])).toEqual([
      ['ABORT', '2026-03-01T06:00:00.000Z', 'bronze/people', ids[1]], ['ABORT', '2026-03-01T06:00:00.000Z', run.job.name, ids[0]], ['START', '2026-03-01T06:00:00.000Z', run.job.name, expect.any(String)],
    ])
    expect(told()[0]).toMatchObject({ run: { facets: { parent: step.run.facets['parent'], errorMessage: { message: 'The process ended before it did.' } } }, outputs: step.outputs })
    await rig.run()
    expect([told().filter(({ eventType }) => eventType === 'ABORT').length, readdirSync(folder)]).toEqual([2, [`${ids[2]}.json`]])
  })

  it('says what went wrong without a value of personal data, as every event and record of the run does', async () => {
    project(TIDY('select id, cast(email as integer) as mail from ${this.people}', ''))
    const events: unknown[] = []
    const result = await rig.run([], { listen: event => void events.push(event) })
    const failed = told().find(({ eventType, job }) => eventType === 'FAIL' && job.name === 'silver/people')!
    expect(failed.run.facets['errorMessage']!['message']).toContain('Could not convert string ***')
    expect(JSON.stringify([events, result])).toContain('Could not convert string *** to INT32')
    for (const text of [JSON.stringify([events, result]), ...['told.ndjson', 'state.db', 'state.db-wal'].filter(name => existsSync(join(rig.root, name))).map(name => readFileSync(join(rig.root, name), 'latin1'))]) expect(text).not.toContain('ann@example.com')
    await expect(rig.rows('select cast(email as integer) from bronze.people')).rejects.toThrow('Could not convert string \'ann@example.com\' to INT32')
  })

  it('goes where the environment says, and is not told where the configuration does not want it', async () => {
    project(TIDY('select id, email as mail from ${this.people}'), 'enabled: "${TELL_LINEAGE:-false}", url: "file:${TELL_PATH:-told}.ndjson", namespace: "${TELL_AS:-data-platform}"')
    await rig.run()
    expect(told()).toEqual([])
    Object.assign(process.env, { TELL_LINEAGE: 'true', TELL_PATH: 'there' })
    try {
      await rig.run([], { force: true })
      expect(told(join(rig.root, 'there.ndjson'))[0]!.job.namespace).toBe('data-platform')
      expect(readdirSync(rig.root)).not.toContain('told.ndjson')
    } finally {
      delete process.env['TELL_LINEAGE']
      delete process.env['TELL_PATH']
    }
  })
})

describe.skipIf(!existsSync(SCHEMAS))('the events of the whole platform (skipped where ../shared is not there)', () => {
  it('are valid by their schemas, core and each facet', async () => {
    rig = new ProjectRig()
    const folder = mkdtempSync(join(tmpdir(), 'varve-told-'))
    const validator = new Ajv2020({ strict: false, allErrors: true })
    addFormats.default(validator)
    for (const file of ['OpenLineage.json', ...readdirSync(new URL('facets/', SCHEMAS)).map(file => `facets/${file}`)]) validator.addSchema(JSON.parse(readFileSync(new URL(file, SCHEMAS), 'utf8')) as object)
    Object.assign(process.env, { OPENLINEAGE_ENABLED: 'true', OPENLINEAGE_URL: `file://${join(folder, 'told.ndjson')}` })
    const index = JSON.parse(readFileSync(new URL('index.json', SCHEMAS), 'utf8')) as { facets: Record<string, { id: string; container: string[] }[]> }
    try {
      const platform = await openProject({ root: ROOT, lake: join(folder, 'lake'), sources: join(folder, 'sources'), now: new Date('2026-11-23T06:00:00Z') })
      try {
        await platform.generateDemo({ customers: 40, seed: 3, dir: join(folder, 'sources'), signal: new AbortController().signal })
        const { ok, steps } = await platform.materialize({ selection: [] }, { signal: new AbortController().signal, listen: () => undefined })
        const events = told(join(folder, 'told.ndjson'))
        const ofSteps = events.filter(({ job }) => !job.name.endsWith('.checks'))
        expect([ok, ofSteps.filter(({ eventType }) => eventType === 'START').length, ofSteps.filter(({ eventType }) => eventType === 'COMPLETE').length]).toEqual([true, steps.length + 1, steps.length + 1])
        const found = new Set<string>()
        for (const event of events) {
          expect([validator.validate(event.schemaURL, event), validator.errors]).toEqual([true, null])
          for (const { name, container, schema, facet } of facetsIn(event)) {
            expect(index.facets[name]!.filter(known => known.container.includes(container)).map(({ id }) => id)).toContain(schema.replace(/#.*/, ''))
            expect([validator.validate(schema, facet), name, validator.errors]).toEqual([true, name, null])
            found.add(name)
          }
        }
        expect([...found].sort()).toEqual(['columnLineage', 'dataQualityAssertions', 'dataQualityMetrics', 'documentation', 'jobType', 'lifecycleStateChange', 'lineage', 'nominalTime', 'outputStatistics', 'ownership', 'parent', 'processing_engine', 'schema', 'sql', 'tags', 'test', 'version'])
      } finally {
        await platform.close()
      }
    } finally {
      delete process.env['OPENLINEAGE_ENABLED']
      delete process.env['OPENLINEAGE_URL']
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** Every facet, with the kind of place in which it stands. */
function facetsIn({ run, job, inputs, outputs }: OpenLineageRunEvent): { name: string; container: string; schema: string; facet: object }[] {
  const within = (container: string, facets: OpenLineageRunEvent['run']['facets'] = {}) => Object.entries(facets).map(([name, facet]) => ({ name, container, schema: facet['_schemaURL'], facet }))
  return [
    ...within('RunFacet', run.facets), ...within('JobFacet', job.facets),
    ...inputs.flatMap(({ facets, inputFacets }) => [...within('DatasetFacet', facets), ...within('InputDatasetFacet', inputFacets)]),
    ...outputs.flatMap(({ facets, outputFacets }) => [...within('DatasetFacet', facets), ...within('OutputDatasetFacet', outputFacets)]),
  ]
}
