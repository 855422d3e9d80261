import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { Secret } from '../vocabulary/secret.ts'

/** Where a secret is found. */
export type SecretSource =
  | { readonly env: string }
  /** A path, relative to the project. With `create`, a random one is made where there is none: for laptops. */
  | { readonly file: string; readonly create?: boolean | undefined }
  /** The name or ARN of a secret in AWS Secrets Manager; `name#field` is one value of a secret that is JSON. */
  | { readonly secretsManager: string }

/** By name. */
export type SecretsConfig = Readonly<Record<string, SecretSource>>

/** Part of the schema of `config/<profile>.yaml`. */
export const SECRETS_SCHEMA = {
  type: 'object',
  propertyNames: { pattern: '^[a-z][a-z0-9_]*$' },
  additionalProperties: {
    type: 'object',
    oneOf: [
      { additionalProperties: false, required: ['env'], properties: { env: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } } },
      { additionalProperties: false, required: ['secretsManager'], properties: { secretsManager: { type: 'string', minLength: 1 } } },
      { additionalProperties: false, required: ['file'], properties: { file: { type: 'string', minLength: 1 }, create: { type: 'boolean' } } },
    ],
  },
} as const

/** A secret by its name, read when it is first needed. @throws {UnknownSecret} where the configuration has none of this name */
export function secretOf(name: string, config: SecretsConfig, root: string, environment: NodeJS.ProcessEnv): Secret {
  const source = config[name]
  if (!source) throw new UnknownSecret(name, Object.keys(config))
  return new Secret(name, () => {
    if ('secretsManager' in source) throw new SecretTooFar(name)
    const value = 'env' in source ? environment[source.env] : readFile(name, resolve(root, source.file), source.create ?? false)
    const found = value?.trim() ?? ''
    if (found === '') throw new MissingSecret(name, source)
    if (found.length < SHORTEST) throw new WeakSecret(name)
    return found
  })
}

const SHORTEST = 16

function readFile(name: string, path: string, create: boolean): string | undefined {
  if (existsSync(path)) return readFileSync(path, 'utf8')
  if (!create) return undefined
  mkdirSync(dirname(path), { recursive: true })
  try {
    // Two that begin at once must end with the same one.
    writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new SecretNotMade(name, path, error as Error)
  }
  return readFileSync(path, 'utf8')
}

export class UnknownSecret extends ExplainedError {
  readonly code = 'project/unknown-secret'
  readonly hint: string
  constructor(readonly secret: string, known: readonly string[]) {
    super(`The configuration has no secret ${secret}.`)
    this.hint = didYouMean(secret, known, `Write where it is found under secrets: in config/<profile>.yaml, as in ${secret}: { env: ${secret.toUpperCase()} }.`)
  }
}

export class MissingSecret extends ExplainedError {
  readonly code = 'project/missing-secret'
  readonly hint: string
  constructor(readonly secret: string, source: Exclude<SecretSource, { readonly secretsManager: string }>) {
    super(`The secret ${secret} is needed, but ${'env' in source ? `${source.env} is not set` : `the file ${source.file} is not there or is empty`}.`)
    this.hint = 'env' in source ? `Set ${source.env} to a long random text, the same on every machine: openssl rand -hex 32` : `Write a long random text into ${source.file}, the same on every machine: openssl rand -hex 32`
  }
}

export class SecretTooFar extends ExplainedError {
  readonly code = 'project/secret-too-far'
  readonly hint = 'Have it put into the environment or into a file where the process starts, as in { env: NAME } or { file: /run/secrets/name }.'
  constructor(readonly secret: string) {
    super(`The secret ${secret} is needed before anything else, so it can't be asked for in Secrets Manager.`)
  }
}

export class WeakSecret extends ExplainedError {
  readonly code = 'project/weak-secret'
  readonly hint = 'Take a random one: openssl rand -hex 32'
  constructor(readonly secret: string) {
    super(`The secret ${secret} has fewer than ${SHORTEST} characters: what is hashed with it could be found by trying.`)
  }
}

export class SecretNotMade extends ExplainedError {
  readonly code = 'project/secret-not-made'
  readonly hint = 'Make the folder writable, or name another file under secrets: in the profile.'
  constructor(readonly secret: string, path: string, cause: Error) {
    super(`The secret ${secret} can't be made at ${path}: ${cause.message}`)
  }
}
