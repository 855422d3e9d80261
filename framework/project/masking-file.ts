import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MASK_METHODS, MaskingPolicy, PERSONAL_TYPES, type MaskMethod, type MaskingRule, type PersonalType } from '../definition/masking-policy.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, throwMistakes, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { checkedOnce } from './checked-once.ts'
import { placeIn } from './place-in-file.ts'
import { secretOf, type SecretsConfig } from './secrets.ts'

/** `config/pii_masking.yaml` as it is written. */
interface MaskingFile {
  readonly version: 1
  /** The name of a secret in the profile's configuration. */
  readonly salt: string
  /** Every column of personal data in tables of these layers must have a rule. */
  readonly layers: readonly string[]
  /** By `asset.column`. */
  readonly columns: Readonly<Record<string, { readonly type: PersonalType; readonly method: MaskMethod; readonly keep?: number; readonly reason?: string }>>
}

/** What the file says, bound to assets, and where it says so. */
export interface Masking {
  readonly policy: MaskingPolicy
  readonly layers: readonly string[]
  placeOf(rule: MaskingRule): Promise<Place>
}

export const MASKING_FILE = 'config/pii_masking.yaml'

/** Which types have a mask, and how much of them it may let stand at most. */
const MASKABLE: Readonly<Partial<Record<PersonalType, number>>> = { email: 1, phone: 4, name: 1 }

/** Reads the masking policy; undefined where the project has none. @throws all mistakes at once */
export async function loadMasking(root: string, cacheFolder: string, secrets: SecretsConfig, keys: readonly AssetKey[]): Promise<Masking | undefined> {
  const path = join(root, MASKING_FILE)
  if (!existsSync(path)) return undefined
  const file = await checkedOnce<MaskingFile>(root, path, MASKING_SCHEMA, cacheFolder)
  const at = (...steps: readonly string[]) => placeIn(root, path, steps)
  const mistakes: ExplainedError[] = []
  const rules: MaskingRule[] = []
  for (const [name, { type, method, keep, reason }] of Object.entries(file.columns)) {
    const dot = name.lastIndexOf('.')
    const [dataset, column] = [name.slice(0, dot) as AssetKey, name.slice(dot + 1)]
    const most = MASKABLE[type]
    const refuse = async (message: string, hint: string) => mistakes.push(new MaskingMistake(message, hint, await at('columns', name)))
    if (!keys.includes(dataset)) await refuse(`There is no asset ${dataset}.`, didYouMean(dataset, keys, 'Name a column as silver/customers.email.'))
    if (method === 'mask' && most === undefined) await refuse(`There is no mask for the type ${type}, that ${name} is said to have.`, 'Choose the method hash or withhold.')
    if (keep !== undefined && (method !== 'mask' || keep > (most ?? 0))) await refuse(`keep: ${keep} is not possible for ${name}.`, method === 'mask' ? `A mask of type ${type} lets at most ${most} stand.` : 'Only a mask keeps something: take keep out.')
    if (method === 'show' && reason === undefined) await refuse(`${name} is shown as it is, and no reason is given.`, 'Add reason: why nobody is harmed by it.')
    rules.push({ dataset, column, type, method, keep })
  }
  let salt
  try {
    salt = secretOf(file.salt, secrets, root, process.env)
  } catch (error) {
    mistakes.push(new MaskingMistake((error as ExplainedError).message, (error as ExplainedError).hint, await at('salt')))
  }
  throwMistakes(mistakes)
  return { policy: new MaskingPolicy(rules, salt!), layers: file.layers, placeOf: ({ dataset, column }) => at('columns', `${dataset}.${column}`) }
}

const MASKING_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'salt', 'columns'],
  properties: {
    version: { const: 1 },
    salt: { type: 'string', pattern: '^[a-z][a-z0-9_]*$' },
    layers: { type: 'array', default: ['silver'], items: { type: 'string', pattern: '^[a-z][a-z0-9_]*$' } },
    columns: {
      type: 'object',
      propertyNames: { pattern: '^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*\\.[^.]+$' },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['type', 'method'],
        properties: { type: { enum: PERSONAL_TYPES }, method: { enum: MASK_METHODS }, keep: { type: 'integer', minimum: 0 }, reason: { type: 'string', minLength: 1 } },
      },
    },
  },
} as const

export class MaskingMistake extends ExplainedError {
  readonly code = 'project/bad-masking-rule'
  constructor(message: string, readonly hint: string, override readonly place: Place) {
    super(message)
  }
}
