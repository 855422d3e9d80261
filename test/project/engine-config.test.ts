import { afterEach, expect, it } from 'vitest'
import { emrServerlessSettings } from '../../framework/project/engine-config.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'

const ORDERS = module('Asset, SqlAsset, sql', `
@Asset({ key: 'silver/orders' })
export class Orders extends SqlAsset {
  query({ dialect }) {
    return dialect === 'spark' ? sql\`select cast(1 as int) as id\` : sql\`select 1 as id\`
  }
}`)
const PLAIN = module('Asset, SqlAsset, sql', `
@Asset({ key: 'silver/plain' })
export class Plain extends SqlAsset {
  query() {
    return sql\`select 1 as id\`
  }
}`)

let rig: ProjectRig
afterEach(() => rig.remove())

const emr = 'emrServerless: { application: app, role: "arn:aws:iam::1:role/x" }\n'
const rigWith = (config: string) => (rig = new ProjectRig({ 'assets/silver/orders.ts': ORDERS, 'assets/silver/plain.ts': PLAIN, 'config/local.yaml': config, 'config/prod.yaml': `engines: { default: emr-serverless }\n${emr}` }))
const refused = (config: string) => rigWith(config).with(async () => undefined).catch(error => ({ code: (error as { readonly code: string }).code, message: (error as Error).message, hint: (error as { readonly hint: string }).hint }))

it('[Q12-a] refuses spot machines on EMR Serverless, which has none, and tells what does lower the bill', async () => {
  expect(await refused('engines: { default: emr-serverless }\nemrServerless: { application: app, role: r, spot: true }\n')).toEqual({
    code: 'engines/no-spot',
    message: 'emrServerless.spot is set, but EMR Serverless has no spot capacity: the API knows no such field.',
    hint: 'Take `spot` out. What lowers the bill is below emrServerless.provision (architecture: ARM64, autoStopMinutes, a maximumCapacity, no workers that are kept warm), and workers no larger than jobs need (sparkSubmit).',
  })
})

it('refuses an engine for an asset or a layer that is not there', async () => {
  expect(await refused('engines: { assets: { silver/ordres: duckdb } }\n')).toEqual({ code: 'project/engine-of-nothing', message: 'engines.assets.silver/ordres in the configuration chooses an engine for silver/ordres, which there is not.', hint: 'Did you mean silver/orders?' })
  expect(await refused('engines: { layers: { slver: duckdb } }\n')).toMatchObject({ code: 'project/engine-of-nothing', hint: 'Did you mean silver?' })
})

it('refuses an engine of which nothing is configured, and says what to write', async () => {
  expect(await refused('engines: { layers: { silver: emr-serverless } }\n')).toEqual({
    code: 'project/engine-not-configured',
    message: 'Assets are to be made by the engine "emr-serverless", of which the configuration says nothing.',
    hint: 'Write emrServerless: { application: …, role: … } in config/<profile>.yaml.',
  })
})

it('counts a body of an engine\'s own as code where that engine makes the asset, and a change of engine as none where the body is translated', async () => {
  await rigWith('').run()
  const { steps, fresh } = await rig.with(project => project.plan({ selection: [] }), { profile: 'prod' })
  expect([steps.map(({ asset, causes }) => [asset, causes.map(({ code }) => code)]), fresh]).toEqual([[['silver/orders', ['code']]], ['silver/plain']])
})

it('takes from a variable whether rows stay, and refuses what is neither true nor false', async () => {
  const settings = (rowsStay: boolean | string | undefined, environment = {}) => emrServerlessSettings({ emrServerless: { application: 'app', role: 'r', rowsStay }, aws: {} }, environment).rowsStay
  expect([settings(undefined), settings(true), settings('${STAY:-true}'), settings('${STAY:-true}', { STAY: 'false' }), settings('${STAY:-}')]).toEqual([true, true, true, false, true])
  expect(() => settings('${STAY}', { STAY: 'perhaps' })).toThrowError(expect.objectContaining({ code: 'project/no-switch', message: 'emrServerless.rowsStay in the configuration is ${STAY}, which comes to "perhaps".' }))
  expect(await refused('engines: { default: emr-serverless }\nemrServerless: { application: app, role: r, rowsStay: perhaps }\n')).toMatchObject({ message: expect.stringContaining('rowsStay') })
})
