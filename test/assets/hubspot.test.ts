import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateSources } from '#resources/demo/five-systems'
import { openProject } from '../../framework/project/project.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { cpSync } from 'node:fs'

interface ContractFile { readonly columns: readonly { readonly name: string; readonly as?: string; readonly type: string }[] }
const contract = (name: string) => JSON.parse(readFileSync(`config/schema_definitions/${name}_bronze.json`, 'utf8')) as ContractFile

describe('[SRC-CRM-4] HubSpot', () => {
  let rig: ProjectRig
  let sources: string
  beforeAll(async () => {
    sources = await mkdtemp(join(tmpdir(), 'varve-hubspot-'))
    await generateSources({ customers: 60, seed: 3, dir: sources })
    // The same contacts as HubSpot tells them: properties within an object, by its own names.
    for (const table of ['accounts', 'contacts', 'opportunities']) {
      const salesforce = new Map(contract(`crm_${table}`).columns.map(({ name, as }) => [as ?? name, name]))
      const lines = readFileSync(join(sources, `crm_${table}.csv`), 'utf8').trimEnd().split('\n').map(split)
      const [header, ...rows] = lines
      const objects = rows.map(row => {
        const properties = Object.fromEntries(contract(`hubspot_${table}`).columns.map(({ name, as }) => [name.replace('properties.', ''), row[header!.indexOf(salesforce.get(as!)!)] || null]))
        return { id: properties['hs_object_id'], properties: { ...properties, lastmodifieddate: 'x' }, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', archived: false }
      })
      writeFileSync(join(sources, `crm_${table}.jsonl`), `${objects.map(object => JSON.stringify(object)).join('\n')}\n`)
    }
    rig = new ProjectRig({ 'config/local.yaml': 'sources: { dir: exports }\ningestion: { sources: { crm: { shape: hubspot } } }\n' })
    for (const folder of ['assets', 'resources', 'config/schema_definitions']) cpSync(folder, join(rig.root, folder), { recursive: true })
    cpSync('config/pii_masking.yaml', join(rig.root, 'config/pii_masking.yaml'))
    cpSync('package.json', join(rig.root, 'package.json'))
    cpSync('framework', join(rig.root, 'framework'), { recursive: true })
  })
  afterAll(async () => {
    rig.remove()
    await rm(sources, { recursive: true, force: true })
  })

  it('comes to the same bronze as Salesforce, by configuration alone, and drifts not', async () => {
    const of = async (root: string, shape: 'csv' | 'jsonl', lake: string) => {
      const dir = await mkdtemp(join(tmpdir(), 'varve-crm-'))
      for (const table of ['accounts', 'contacts', 'opportunities']) cpSync(join(sources, `crm_${table}.${shape}`), join(dir, `crm_${table}.${shape}`))
      const project = await openProject({ root, lake, sources: dir, now: new Date('2026-11-24T06:00:00Z') })
      try {
        const { ok, steps } = await project.materialize({ selection: ['+bronze/crm_*'] }, { signal: new AbortController().signal, listen: () => {} })
        expect([ok, steps.flatMap(({ checks }) => checks).filter(({ passed, check }) => !passed && check.startsWith('columns are'))]).toEqual([true, []])
        return await Promise.all(['accounts', 'contacts', 'opportunities'].map(async table => (await project.query(`select * exclude (_source_file) from "bronze/crm_${table}" order by 1`)).rows))
      } finally {
        await project.close()
        await rm(dir, { recursive: true, force: true })
      }
    }
    const salesforce = await of(process.cwd(), 'csv', join(rig.root, 'lake-salesforce'))
    expect(salesforce.map(rows => rows.length > 10)).toEqual([true, true, true])
    expect(await of(rig.root, 'jsonl', join(rig.root, 'lake-hubspot'))).toEqual(salesforce)
    expect(JSON.parse(readFileSync(join(rig.root, 'lake-hubspot/_state/crm_contacts.json'), 'utf8'))).toMatchObject({ source: 'crm_contacts', table: 'bronze/crm_contacts', column: 'last_modified_date' })
  })
})

/** The fields of a CSV line. */
function split(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
