import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { clientSettings, loadSdk } from '../objects/aws-settings.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { Secret } from '../vocabulary/secret.ts'
import type { AwsConfig } from './aws-config.ts'
import { secretOf, UnknownSecret, type SecretsConfig } from './secrets.ts'

/** The secrets that the configuration names. */
export class ConfiguredSecrets {
  readonly #config: SecretsConfig
  readonly #root: string
  readonly #aws: AwsConfig

  constructor(config: SecretsConfig, root: string, aws: AwsConfig) {
    this.#config = config
    this.#root = root
    this.#aws = aws
  }

  get names(): readonly string[] {
    return Object.keys(this.#config)
  }

  async get(name: string): Promise<Secret> {
    const source = this.#config[name]
    if (!source) throw new UnknownSecret(name, this.names)
    if ('file' in source && source.create) return secretOf(name, this.#config, this.#root, process.env)
    const value = 'env' in source ? process.env[source.env] : 'file' in source ? await this.#ofFile(name, source.file) : await this.#ofManager(name, source.secretsManager)
    if (!value) throw new NoSecret(`The secret "${name}" is not there: ${'env' in source ? `the environment does not set ${source.env}` : 'file' in source ? `${source.file} is empty` : `${source.secretsManager} holds nothing`}.`, 'Set it where the configuration says, or say another place.')
    const secret = new Secret(name, () => value)
    secret.reveal()
    return secret
  }

  async #ofFile(name: string, path: string): Promise<string> {
    try {
      return (await readFile(resolve(this.#root, path), 'utf8')).replace(/\r?\n$/, '')
    } catch (error) {
      throw new NoSecret(`The secret "${name}" can't be read from ${path}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message}.`, 'Put it there, readable by whoever runs this and by nobody else.')
    }
  }

  async #ofManager(name: string, place: string): Promise<string | undefined> {
    const [, id, field] = /^(.*?)(?:#([^#]+))?$/.exec(place) as unknown as [string, string, string | undefined]
    const sdk = await loadSdk('@aws-sdk/client-secrets-manager', () => import('@aws-sdk/client-secrets-manager'))
    const client = new sdk.SecretsManagerClient(clientSettings({ region: this.#aws.region, endpoint: process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? this.#aws.endpoint }))
    try {
      const { SecretString } = await client.send(new sdk.GetSecretValueCommand({ SecretId: id }))
      if (field === undefined || SecretString === undefined) return SecretString
      const value = (JSON.parse(SecretString) as Readonly<Record<string, unknown>>)[field]
      if (value === undefined) throw new NoSecret(`The secret "${name}" is not there: ${id} has no field "${field}".`, 'Name another field, or add it in Secrets Manager.')
      return String(value)
    } catch (error) {
      if (error instanceof ExplainedError) throw error
      if (error instanceof SyntaxError) throw new NoSecret(`The secret "${name}" is not there: ${id} is no JSON, so it has no field "${field}".`, 'Name the secret without #field, or store JSON.')
      throw new NoSecret(`The secret "${name}" can't be read from Secrets Manager (${id}): ${(error as Error).message.replace(/\.$/, '')}.`, 'Check its name and region, and that the role may call secretsmanager:GetSecretValue for it.')
    } finally {
      client.destroy()
    }
  }
}

export class NoSecret extends ExplainedError {
  readonly code = 'project/no-secret'
  constructor(message: string, readonly hint: string) {
    super(message)
  }
}
