import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { ConfiguredSecrets } from '../../framework/project/configured-secrets.ts'
import { ProjectRig } from '../rig/project-rig.ts'

let server: Server
const asked: unknown[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', part => (body += String(part)))
    request.on('end', () => {
      const { SecretId } = JSON.parse(body) as { SecretId: string }
      asked.push(SecretId)
      const known: Readonly<Record<string, string>> = { 'prod/crm': 'managed-token', 'prod/redshift': '{"user":"etl","password":"managed-password"}' }
      const value = known[SecretId]
      response.writeHead(value === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(JSON.stringify(value === undefined ? { __type: 'ResourceNotFoundException', message: "Secrets Manager can't find the specified secret." } : { Name: SecretId, SecretString: value }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })) vi.stubEnv(name, value)
})
afterAll(() => {
  vi.unstubAllEnvs()
  server.close()
})

const ASSET = `
import { Asset, Resource, RowAsset, Secrets } from 'varve'
/** One row per token. */
@Asset({ key: 'bronze/tokens' })
export class Tokens extends RowAsset<{ n: number }> {
  @Resource(() => Secrets) readonly secrets!: Secrets
  readonly columns = { n: 'bigint' }
  async *rows() {
    const token = (await this.secrets.get('crm')).reveal()
    if (process.env['CRM_REFUSES']) throw new Error('login with ' + token + ' was refused')
    yield { n: token.length }
  }
}`

let rig: ProjectRig
beforeEach(() => {
  rig = new ProjectRig({ 'assets/bronze/tokens.ts': ASSET, 'config/local.yaml': 'secrets:\n  crm: { env: CRM_TOKEN }\n  file: { file: token.txt }\n' })
})
afterEach(() => rig.remove())

it('a secret is read from the environment, from a file or from Secrets Manager, when it is asked for', async () => {
  vi.stubEnv('CRM_TOKEN', 'env-token')
  writeFileSync(join(rig.root, 'token.txt'), 'file-token\n')
  const secrets = new ConfiguredSecrets({ a: { env: 'CRM_TOKEN' }, b: { file: 'token.txt' }, c: { secretsManager: 'prod/crm' }, d: { secretsManager: 'prod/redshift#password' } }, rig.root, {})
  expect(asked).toEqual([])
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(async name => (await secrets.get(name)).reveal()))).toEqual(['env-token', 'file-token', 'managed-token', 'managed-password'])
})

it('a secret that is not there is said by its name and its place, never by a value', async () => {
  const secrets = new ConfiguredSecrets({ a: { env: 'NOT_SET_ANYWHERE' }, b: { file: 'no-such-file' }, c: { secretsManager: 'prod/other' }, d: { secretsManager: 'prod/redshift#pin' }, e: { secretsManager: 'prod/crm#x' } }, rig.root, {})
  const messages = await Promise.all(['a', 'b', 'c', 'd', 'e', 'aa'].map(name => secrets.get(name).catch((error: Error) => error.message)))
  expect(messages).toEqual([
    'The secret "a" is not there: the environment does not set NOT_SET_ANYWHERE.',
    'The secret "b" can\'t be read from no-such-file: there is no such file.',
    'The secret "c" can\'t be read from Secrets Manager (prod/other): Secrets Manager can\'t find the specified secret.',
    'The secret "d" is not there: prod/redshift has no field "pin".',
    'The secret "e" is not there: prod/crm is no JSON, so it has no field "x".',
    'The configuration has no secret aa.',
  ])
})

it('an asset takes its secret from the container, and no error, event or record of its runs shows it', async () => {
  vi.stubEnv('CRM_TOKEN', 'very-secret-token')
  expect(await rig.endings()).toEqual({ 'bronze/tokens': 'materialized' })
  vi.stubEnv('CRM_REFUSES', 'yes')
  const events: unknown[] = []
  const result = await rig.run([], { force: true, listen: event => events.push(event) })
  const runs = await rig.with(async project => project.runs().map(({ run }) => project.runOf(run)))
  for (const told of [result, events, runs]) {
    expect(JSON.stringify(told)).toContain('login with *** was refused')
    expect(JSON.stringify(told)).not.toContain('very-secret-token')
  }
})

it.each([
  ['secrets:\n  crm: token\n', 'must be object'],
  ['secrets:\n  crm: { env: A, file: b }\n', 'unknown key "file"'],
  ['secrets:\n  crm: { vault: a }\n', 'unknown key "vault"'],
])('the configuration %j is refused', async (text, problem) => {
  rig.write('config/local.yaml', text)
  await expect(rig.with(async () => {})).rejects.toThrow(problem)
})
