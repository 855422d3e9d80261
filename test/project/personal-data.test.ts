import { existsSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { LineageNode } from '../../framework/graph/lineage-graph.ts'
import { ExplainedError, SeveralMistakes } from '../../framework/vocabulary/errors.ts'
import { ProjectRig } from '../rig/project-rig.ts'

const CONTRACT = JSON.stringify({
  title: 'People', name: 'crm_people', version: '1.0.0', source: 'crm', table: 'people', primaryKey: ['id'],
  columns: [
    { name: 'id', type: 'bigint', required: true },
    { name: 'email', type: 'varchar', required: false, tags: ['pii:email'] },
    { name: 'city', type: 'varchar', required: false },
  ],
})

const PEOPLE = `
import { Asset, RowAsset } from 'varve'
/** One row per person. */
@Asset({ key: 'bronze/people', contract: 'crm_people' })
export class People extends RowAsset<{ id: number; email: string; city: string }> {
  readonly columns = { id: 'bigint', email: 'varchar', city: 'varchar' }
  rows() { return [{ id: 1, email: 'ann@example.com', city: 'Ghent' }] }
}`

const SILVER = (query = 'select id, lower(email) as mail, city from ${this.people}') => `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { People } from '../bronze/people'
/** One row per person. */
@Asset({ key: 'silver/people' })
export class Tidy extends SqlAsset {
  @Upstream(() => People) readonly people!: People
  query() { return sql\`${query}\` }
}`

const GOLD = (query: string, options = '') => `
import { Asset, SqlAsset, Upstream, mask, sql } from 'varve'
import { Tidy } from '../silver/people'
const hidden = mask(sql\`concat(substr(p.mail, 1, 1), '***')\`)
/** One row per person or city. */
@Asset({ key: 'gold/people'${options} })
export class Gold extends SqlAsset {
  @Upstream(() => Tidy) readonly people!: Tidy
  query() { return sql\`${query}\` }
}`

let rig: ProjectRig
const projectOf = (gold: string, more: Readonly<Record<string, string>> = {}) =>
  (rig = new ProjectRig({ 'config/schema_definitions/crm_people.json': CONTRACT, 'assets/bronze/people.ts': PEOPLE, 'assets/silver/people.ts': SILVER(), 'assets/gold/people.ts': gold, ...more }))
afterEach(() => rig.remove())

const refusal = async (): Promise<ExplainedError> => {
  try {
    await rig.with(async () => {})
  } catch (error) {
    return error as ExplainedError
  }
  throw new Error('The project was loaded')
}

describe('a project in which personal data reaches gold', () => {
  it('is refused when it is loaded, with the way from column to column', async () => {
    projectOf(GOLD('select p.id, upper(p.mail) as contact from ${this.people} as p'))
    const error = await refusal()
    expect([error.code, error.message]).toEqual(['project/unmasked-personal-data', 'Personal data (pii:email) reaches gold/people.contact unmasked: bronze/people.email -> silver/people.mail -> gold/people.contact'])
    expect(error.hint).toContain('waivers: { contact:')
    expect(error.place?.file).toBe('assets/gold/people.ts')
  })

  it('is refused for an aggregate, through a star and through a query within the query', async () => {
    projectOf(GOLD('select max(p.mail) as last, count(*) as n from (select * from ${this.people}) as p'))
    expect((await refusal()).message).toContain('gold/people.last')
  })

  it('is loaded where the values are masked, also in a query around the mask', async () => {
    projectOf(GOLD("select id, contact || '' as contact from (select p.id, ${hidden} as contact from ${this.people} as p) as q"))
    expect(await rig.endings()).toEqual({ 'bronze/people': 'materialized', 'silver/people': 'materialized', 'gold/people': 'materialized' })
    expect(await rig.rows('select contact from "gold/people"')).toEqual([{ contact: 'a***' }])
  })

  it('is refused where a way beside the mask is left', async () => {
    projectOf(GOLD('select p.id, concat(${hidden}, p.mail) as contact from ${this.people} as p'))
    expect((await refusal()).code).toBe('project/unmasked-personal-data')
  })

  it('is loaded where the data only decides on rows, or a waiver says why it may be seen', async () => {
    projectOf(GOLD("select p.city, count(*) as people from ${this.people} as p where p.mail like '%@example.com' group by p.city"))
    await rig.with(async () => {})
    rig.write('assets/gold/people.ts', GOLD('select p.id, p.mail as contact from ${this.people} as p', ", waivers: { contact: 'The newsletter is sent from here.' }"))
    await rig.with(async () => {})
    rig.write('assets/gold/people.ts', GOLD('select p.id, p.mail as contact, p.mail as other from ${this.people} as p', ", waivers: { contact: 'The newsletter is sent from here.' }"))
    expect((await refusal()).message).toContain('gold/people.other')
    rig.write('assets/gold/people.ts', GOLD('select p.id from ${this.people} as p', ", waivers: { contcat: 'A slip.' }"))
    expect((await refusal()).code).toBe('project/unknown-waiver')
  })

  it('is refused for a sink that publishes it, and for what TypeScript declares to be made of it', async () => {
    projectOf(GOLD('select p.id from ${this.people} as p'), {
      'assets/serve/people.ts': `
import { Asset, PublishAsset, Upstream } from 'varve'
import { Tidy } from '../silver/people'
/** The warehouse's people. */
@Asset({ key: 'serve/people' })
export class Sink extends PublishAsset {
  @Upstream(() => Tidy) readonly people!: Tidy
  async publish() { return { rows: 0 } }
}`,
      'assets/gold/scores.ts': `
import { Asset, RowAsset, Upstream } from 'varve'
import { Tidy } from '../silver/people'
/** One row per person. */
@Asset({ key: 'gold/scores', lineage: { score: ['silver/people.mail'] } })
export class Scores extends RowAsset<{ score: number }> {
  @Upstream(() => Tidy) readonly people!: Tidy
  readonly columns = { score: 'bigint' }
  rows() { return [] }
}`,
    })
    const error = await refusal()
    expect(error).toBeInstanceOf(SeveralMistakes)
    expect((error as SeveralMistakes).mistakes.map(({ message }) => message.split(': ')[0])).toEqual(['Personal data (pii:email) reaches gold/scores.score unmasked', 'Personal data (pii:email) reaches serve/people.mail unmasked'])
    rig.write('assets/gold/scores.ts', GOLD('select p.id from ${this.people} as p').replace('gold/people', 'gold/scores').replace('class Gold', 'class Scores').replace("key: 'gold/scores'", "key: 'gold/scores', lineage: { score: ['bronze/people.email'] }"))
    expect((await refusal()).code).toBe('project/unknown-lineage-source')
  })

  it('guards the layers that are configured, and takes configured functions for masks', async () => {
    projectOf(GOLD('select p.id, sha256(p.mail) as contact from ${this.people} as p'), { 'config/local.yaml': 'pii: { masks: [sha256] }\n' })
    await rig.with(async () => {})
    rig.write('config/local.yaml', 'pii: { layers: [silver], masks: [sha256] }\n')
    expect((await refusal()).message).toContain('silver/people.mail')
  })

  it('is not looked at again until something changes that it hangs on', async () => {
    projectOf(GOLD('select p.id, ${hidden} as contact from ${this.people} as p'))
    await rig.with(async () => {})
    const [guard, lineage] = ['personal-data.json', 'column-lineage.json'].map(name => join(rig.root, '.varve/cache', name)) as [string, string]
    utimesSync(guard, 1, 1)
    rmSync(lineage)
    await rig.with(async () => {})
    expect([statSync(guard).mtimeMs, existsSync(lineage)]).toEqual([1000, false])
    rig.write('assets/silver/people.ts', SILVER('select id, email as mail, city from ${this.people}'))
    await rig.with(async () => {})
    expect(existsSync(lineage)).toBe(true)
  })
})

describe('the lineage of a project', () => {
  it('has the columns of every asset, and tags that go along with the values up to a mask', async () => {
    projectOf(GOLD('select p.id, ${hidden} as contact from ${this.people} as p'))
    const { nodes, edges, columnEdges } = await rig.with(project => project.columnLineage())
    const columns = (key: string) => nodes.find((node: LineageNode) => node.key === key)!.columns
    expect(columns('bronze/people')).toEqual([{ name: 'id', type: 'BIGINT', tags: [] }, { name: 'email', type: 'VARCHAR', tags: ['pii:email'] }, { name: 'city', type: 'VARCHAR', tags: [] }])
    expect(columns('silver/people')).toEqual([{ name: 'id', type: 'BIGINT', tags: [] }, { name: 'mail', type: 'VARCHAR', tags: ['pii:email'] }, { name: 'city', type: 'VARCHAR', tags: [] }])
    expect(columns('gold/people')).toEqual([{ name: 'id', type: 'BIGINT', tags: [] }, { name: 'contact', type: 'VARCHAR', tags: [] }])
    expect(edges).toEqual([{ from: 'bronze/people', to: 'silver/people' }, { from: 'silver/people', to: 'gold/people' }])
    expect(columnEdges?.filter(({ to }) => to === 'gold/people.contact')).toEqual([{ from: 'silver/people.mail', to: 'gold/people.contact', relation: 'value', kind: 'transformation', masked: true }])
  })

  it('is taken from where it was kept until something changes that it hangs on', async () => {
    projectOf(GOLD('select p.id, ${hidden} as contact from ${this.people} as p'))
    const lineage = () => rig.with(project => project.columnLineage())
    const path = join(rig.root, '.varve/cache/column-graph.json')
    const first = await lineage()
    utimesSync(path, 1, 1)
    expect(await lineage()).toEqual(first)
    expect(statSync(path).mtimeMs).toBe(1000)
    const changes: readonly [string, string, (told: string) => boolean][] = [
      ['config/schema_definitions/crm_people.json', CONTRACT.replace('pii:email', 'pii:address'), told => told.includes('pii:address')],
      ['assets/silver/people.ts', SILVER('select id, email as mail, city from ${this.people}'), told => told.includes('{"from":"bronze/people.email","to":"silver/people.mail","relation":"value","kind":"identity","masked":false}')],
      ['assets/bronze/people.ts', PEOPLE.replaceAll("city: 'varchar'", "city: 'integer'"), told => told.includes('{"name":"city","type":"INTEGER","tags":[]}')],
      ['assets/gold/people.ts', GOLD('select p.id, ${hidden} as contact from ${this.people} as p').replace('One row per person or city', 'One row per customer'), told => told.includes('One row per customer')],
      ['assets/gold/people.ts', GOLD("select p.id, concat(substr(p.mail, 1, 1), '***') as contact from ${this.people} as p", ", waivers: { contact: 'asked for' }"), told => told.includes('"to":"gold/people.contact","relation":"value","kind":"transformation","masked":false}')],
    ]
    for (const [file, text, isTold] of changes) {
      rig.write(file, text)
      const told = JSON.stringify(await lineage())
      expect([file, isTold(told)]).toEqual([file, true])
    }
  })

  it('says which queries do not bind, and what nobody declares', async () => {
    projectOf(GOLD('select p.id, p.adress from ${this.people} as p'), {
      'assets/silver/loose.ts': `
import { Asset, RowAsset, Upstream } from 'varve'
import { People } from '../bronze/people'
/** One row. */
@Asset({ key: 'silver/loose' })
export class Loose extends RowAsset<{ n: number }> {
  @Upstream(() => People) readonly people!: People
  readonly columns = { n: 'bigint' }
  rows() { return [] }
}`,
    })
    const found = await rig.with(project => project.checkLineage())
    expect(found.map(({ code, asset, fails }) => [code, asset, fails])).toEqual([['graph/query-does-not-bind', 'gold/people', true], ['graph/undeclared-lineage', 'silver/loose', false]])
    expect(found[0]!.message).toContain('adress')
  })

  it('answers which assets a column flows through', async () => {
    projectOf(GOLD('select p.city, count(*) as people from ${this.people} as p group by p.city'))
    const chosen = (text: string) => rig.with(project => project.select([text]))
    expect(await chosen('column:bronze/people.email')).toEqual(['bronze/people', 'silver/people'])
    expect(await chosen('column:gold/people.city')).toEqual(['bronze/people', 'silver/people', 'gold/people'])
    await expect(chosen('column:gold/people.town')).rejects.toMatchObject({ code: 'graph/unknown-column' })
  })
})
