import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ExplainedError, SeveralMistakes } from '../../framework/vocabulary/errors.ts'
import { Secret } from '../../framework/vocabulary/secret.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { ProjectRig } from '../rig/project-rig.ts'

const SALT = 'a salt that is long enough'

const CONTRACT = (more: object = {}) => JSON.stringify({
  title: 'People', name: 'crm_people', version: '1.0.0', source: 'crm', table: 'people', primaryKey: ['id'],
  columns: [
    { name: 'id', type: 'bigint', required: true },
    { name: 'email', type: 'varchar', required: false, tags: ['pii:email'] },
    { name: 'city', type: 'varchar', required: false, ...more },
  ],
})

const PEOPLE = `
import { Asset, RowAsset } from 'varve'
/** One row per person. */
@Asset({ key: 'bronze/people', contract: 'crm_people' })
export class People extends RowAsset<{ id: number; email: string | null; city: string }> {
  readonly columns = { id: 'bigint', email: 'varchar', city: 'varchar' }
  rows() { return [{ id: 1, email: 'ann@example.com', city: 'Ghent' }, { id: 2, email: 'nobody', city: 'Ghent' }, { id: 3, email: null, city: 'Lier' }] }
}`

const SILVER = (query = 'select id, email, city from ${this.people}') => `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { People } from '../bronze/people'
/** One row per person. */
@Asset({ key: 'silver/people' })
export class Tidy extends SqlAsset {
  @Upstream(() => People) readonly people!: People
  query() { return sql\`${query}\` }
}`

/** A gold table that shows a hash of the id, and the address as its mask lets it. */
const GOLD = ({ checks = `[masked('who', /[0-9a-f]{64}/), masked('email', /[a-z]\\*+|\\*+/)]`, more = '' } = {}) => `
import { Asset, MaskingPolicy, Resource, SqlAsset, Upstream, mask, masked, sql } from 'varve'
import { Tidy } from '../silver/people'
/** One row per person. */
@Asset({ key: 'gold/people', checks: ${checks} })
export class Gold extends SqlAsset {
  @Upstream(() => Tidy) readonly people!: Tidy
  @Resource(() => MaskingPolicy) readonly policy!: MaskingPolicy
  query() {
    return sql\`
      select
        \${mask(sql\`sha256(concat(\${this.policy.salt}, cast(id as varchar)))\`)} as who,
        \${mask(sql\`case when email is null then null when email like '%@%' then concat(substr(email, 1, 1), '***') else '***' end\`)} as email
        ${more}
      from \${this.people}\`
  }
}`

const POLICY = (columns = '  silver/people.email: { type: email, method: mask }\n') => `version: 1\nsalt: pii_salt\ncolumns:\n${columns}`

let rig: ProjectRig
const projectOf = (files: Readonly<Record<string, string>> = {}) => (rig = new ProjectRig({
  'config/schema_definitions/crm_people.json': CONTRACT(), 'config/pii_masking.yaml': POLICY(),
  'assets/bronze/people.ts': PEOPLE, 'assets/silver/people.ts': SILVER(), 'assets/gold/people.ts': GOLD(), ...files,
}))
afterEach(() => {
  vi.unstubAllEnvs()
  rig.remove()
})

const refusals = async (work: Promise<unknown> = rig.with(async () => {})): Promise<readonly { readonly code: string; readonly message: string; readonly place?: string }[]> => {
  try {
    await work
  } catch (error) {
    const mistakes = error instanceof SeveralMistakes ? error.mistakes : [error as ExplainedError]
    return mistakes.map(({ code, message, place }) => ({ code, message, ...(place && { place: `${place.file}:${place.line}` }) }))
  }
  throw new Error('It was not refused')
}

describe('[Q7-a] config/pii_masking.yaml', () => {
  it('must have a rule for each column that a tag marks as personal data', async () => {
    projectOf({ 'config/schema_definitions/crm_people.json': CONTRACT({ tags: ['pii:address'] }) })
    expect(await refusals()).toEqual([{ code: 'project/unlisted-personal-data', message: 'silver/people.city is personal data (pii:address), but config/pii_masking.yaml has no rule for it.', place: 'assets/silver/people.ts:6' }])
  })

  it('must have one for each column that looks like personal data, or say that it is none', async () => {
    projectOf({ 'assets/silver/people.ts': SILVER('select id, email, city, city as home_phone from ${this.people}') })
    expect(await refusals()).toEqual([{ code: 'project/unlisted-personal-data', message: 'silver/people.home_phone is personal data (by its name), but config/pii_masking.yaml has no rule for it.', place: 'assets/silver/people.ts:6' }])
    rig.write('config/pii_masking.yaml', POLICY('  silver/people.email: { type: email, method: mask }\n  silver/people.home_phone: { type: text, method: show, reason: It is a city. }\n'))
    await rig.with(async () => {})
  })

  it.each([
    ['an asset that is not there', '  silver/peple.email: { type: email, method: mask }\n', 'project/bad-masking-rule', 'There is no asset silver/peple.'],
    ['a column that is not there', '  silver/people.email: { type: email, method: mask }\n  silver/people.mail: { type: email, method: mask }\n', 'project/bad-masking-rule', 'silver/people has no column mail.'],
    ['a type that is not the tag\'s', '  silver/people.email: { type: phone, method: mask }\n', 'project/bad-masking-rule', 'silver/people.email is said to be of the type phone, but is tagged pii:email.'],
    ['a mask for what has none', '  silver/people.email: { type: email, method: mask }\n  silver/people.city: { type: address, method: mask }\n', 'project/bad-masking-rule', 'There is no mask for the type address, that silver/people.city is said to have.'],
    ['more to keep than the rule grants', '  silver/people.email: { type: email, method: mask, keep: 2 }\n', 'project/bad-masking-rule', 'keep: 2 is not possible for silver/people.email.'],
    ['a method that is none', '  silver/people.email: { type: email, method: scramble }\n', 'project/bad-config', undefined],
    ['to show without a reason', '  silver/people.email: { type: email, method: mask }\n  silver/people.city: { type: address, method: show }\n', 'project/bad-masking-rule', 'silver/people.city is shown as it is, and no reason is given.'],
  ])('refuses %s, with the line', async (_, columns, code, message) => {
    projectOf({ 'config/pii_masking.yaml': POLICY(columns) })
    const [first] = await refusals()
    expect(first).toMatchObject({ code, ...(message && { message }), place: `config/pii_masking.yaml:${3 + columns.trimEnd().split('\n').length}` })
  })

  it('keeps what is withheld out of gold, masked or not', async () => {
    projectOf({ 'config/pii_masking.yaml': POLICY('  silver/people.email: { type: email, method: withhold }\n') })
    expect(await refusals()).toEqual([{ code: 'project/withheld-is-shown', message: 'silver/people.email is withheld by config/pii_masking.yaml, but reaches gold/people.email.', place: 'assets/gold/people.ts:6' }])
  })

  it('wants each mask in gold to be counted', async () => {
    projectOf({ 'assets/gold/people.ts': GOLD({ checks: `[masked('who', /.*/)]` }) })
    expect(await refusals()).toEqual([{ code: 'project/unaudited-mask', message: 'gold/people.email shows masked personal data, but no promise holds it to its mask, so that no audit would count it.', place: 'assets/gold/people.ts:6' }])
  })

  it('has a salt that the configuration knows', async () => {
    projectOf({ 'config/pii_masking.yaml': POLICY().replace('pii_salt', 'peper') })
    expect(await refusals()).toEqual([{ code: 'project/bad-masking-rule', message: 'The configuration has no secret peper.', place: 'config/pii_masking.yaml:2' }])
  })
})

describe('[Q7-d] the salt', () => {
  it('has no default: what needs it does not run without it, and nothing is written', async () => {
    projectOf()
    vi.stubEnv('VARVE_PII_SALT', undefined)
    expect(await refusals(rig.run())).toEqual([{ code: 'project/missing-secret', message: 'The secret pii_salt is needed, but VARVE_PII_SALT is not set.' }])
    expect(existsSync(join(rig.lake, 'bronze'))).toBe(false)
    expect(await rig.endings(['+silver/people'])).toEqual({ 'bronze/people': 'materialized', 'silver/people': 'materialized' })
  })

  it('is refused where it could be guessed', async () => {
    projectOf()
    vi.stubEnv('VARVE_PII_SALT', 'salt')
    expect(await refusals(rig.run())).toMatchObject([{ code: 'project/weak-secret' }])
  })

  it('gives the same digest in each run, another with another salt, and is written nowhere', async () => {
    projectOf()
    const who = () => rig.rows('select who from gold.people where email is null')
    vi.stubEnv('VARVE_PII_SALT', SALT)
    await rig.run()
    expect(await who()).toEqual([{ who: createHash('sha256').update(`${SALT}3`).digest('hex') }])
    expect(await rig.planned()).toEqual({})
    expect(await filesWith(SALT)).toEqual([])
    vi.stubEnv('VARVE_PII_SALT', `another ${SALT}`)
    expect(await rig.planned()).toEqual({ 'gold/people': ['code'] })
    await rig.run()
    expect(await who()).toEqual([{ who: createHash('sha256').update(`another ${SALT}3`).digest('hex') }])
  })

  it('is made at random in a file where the profile asks for it, for its owner to read only', async () => {
    projectOf({ 'config/local.yaml': 'secrets:\n  pii_salt: { file: keys/salt, create: true }\n' })
    await rig.run()
    expect(statSync(join(rig.root, 'keys/salt')).mode & 0o777).toBe(0o600)
    const salt = readFileSync(join(rig.root, 'keys/salt'), 'utf8').trim()
    expect(salt).toMatch(/^[0-9a-f]{64}$/)
    expect(await filesWith(salt)).toEqual(['keys/salt'])
  })

  it('is not told by a query that fails', async () => {
    projectOf({ 'assets/gold/people.ts': GOLD({ more: ', cast(concat(\'x\', ${this.policy.salt}, city) as integer) as broken' }) })
    vi.stubEnv('VARVE_PII_SALT', SALT)
    const { steps } = await rig.run()
    const failed = steps.find(({ asset }) => asset === 'gold/people')!
    expect(failed.status).toBe('failed')
    expect(JSON.stringify(failed)).toContain('***')
    expect(await filesWith(SALT)).toEqual([])
  })

  it('prints as ***', () => {
    projectOf()
    const secret = new Secret('pii_salt', () => SALT)
    expect([String(secret), JSON.stringify({ secret }), `${secret}`, secret.reveal()]).toEqual(['***', '{"secret":"***"}', '***', SALT])
    expect(inspect(secret, { showHidden: true, depth: 9 })).not.toContain(SALT)
  })
})

describe('[Q7-b] the audit of masked columns', () => {
  it('counts the values of each column, which together are the rows, and is kept in the lake', async () => {
    projectOf()
    vi.stubEnv('VARVE_PII_SALT', SALT)
    const { run } = await rig.run()
    const [audit] = await rig.with(project => project.maskingAudits(['gold/people' as AssetKey]))
    expect(audit).toEqual({
      version: 1, asset: 'gold/people', run, tableVersion: 0, at: audit!.at, rows: 3,
      columns: [{ column: 'who', masked: 3, nulls: 0, invalid: 0 }, { column: 'email', masked: 1, nulls: 1, invalid: 1 }],
    })
  })

  it('stops a table that shows more than its mask lets out', async () => {
    projectOf({ 'assets/gold/people.ts': GOLD({ checks: `[masked('who', /[0-9a-f]{64}/), masked('email', /\\*+/)]` }) })
    vi.stubEnv('VARVE_PII_SALT', SALT)
    expect(await rig.endings()).toMatchObject({ 'gold/people': 'check-failed' })
    expect(await rig.with(project => project.maskingAudits())).toEqual([])
  })
})

/** The files of the project and its lake in which a text stands. */
async function filesWith(text: string): Promise<string[]> {
  const { readdirSync } = await import('node:fs')
  return readdirSync(rig.root, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter(entry => entry.isFile() && !entry.parentPath.includes('node_modules') && readFileSync(join(entry.parentPath, entry.name)).includes(text))
    .map(entry => join(entry.parentPath, entry.name).slice(rig.root.length + 1))
}
