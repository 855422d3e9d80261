import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import type { Secret } from '../vocabulary/secret.ts'

/** What a column tells of a person. */
export const PERSONAL_TYPES = ['email', 'phone', 'name', 'address', 'ip', 'demographic', 'id', 'text'] as const
export type PersonalType = (typeof PERSONAL_TYPES)[number]

/** `mask` shows what the type's mask lets out, `hash` a salted digest, `withhold` nothing at all, `show` all of it. */
export const MASK_METHODS = ['mask', 'hash', 'withhold', 'show'] as const
export type MaskMethod = (typeof MASK_METHODS)[number]

/** What is done with one column of personal data wherever it is shown. */
export interface MaskingRule {
  readonly dataset: AssetKey
  readonly column: string
  readonly type: PersonalType
  readonly method: MaskMethod
  /** Of a mask: how many characters it lets stand, of each part of a name or an address, or of a number's end. */
  readonly keep?: number | undefined
}

/** What `config/pii_masking.yaml` says. The project puts an instance into the container. */
export class MaskingPolicy {
  readonly #rules: ReadonlyMap<string, MaskingRule>

  constructor(readonly rules: readonly MaskingRule[], readonly salt: Secret) {
    this.#rules = new Map(rules.map(rule => [`${rule.dataset}.${rule.column}`, rule]))
  }

  /** @throws {NoMaskingRule} where the column has none */
  ruleOf(dataset: AssetKey, column: string): MaskingRule {
    const rule = this.#rules.get(`${dataset}.${column}`)
    if (!rule) throw new NoMaskingRule(`${dataset}.${column}`, [...this.#rules.keys()])
    return rule
  }

  has(dataset: string, column: string): boolean {
    return this.#rules.has(`${dataset}.${column}`)
  }
}

export class NoMaskingRule extends ExplainedError {
  readonly code = 'definition/no-masking-rule'
  readonly hint: string
  constructor(readonly column: string, known: readonly string[]) {
    super(`The mask of ${column} is asked for, but config/pii_masking.yaml has no rule for it.`)
    this.hint = didYouMean(column, known, `Write it under columns: as in ${column}: { type: email, method: mask }.`)
  }
}
