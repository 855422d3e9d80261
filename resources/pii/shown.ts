import { MaskingPolicy, Resource, type MaskingRule, type SqlFragment, type TableReference } from '#framework'
import { Service } from 'typedi'
import { hashed, maskEmail, maskName, maskPhone } from './masks.ts'

/** Personal data as config/pii_masking.yaml lets it be shown. */
@Service()
export class Shown {
  @Resource(() => MaskingPolicy) readonly policy!: MaskingPolicy

  /**
   * An expression over columns of personal data, as it may be shown: `shown.of(this.customers, ['first_name', 'last_name'], sql`...`)`.
   * @throws where a column has no rule, must not be shown at all, or has another rule than the first
   */
  of({ key }: TableReference, names: string | readonly string[], value: SqlFragment): SqlFragment {
    const [first, ...others] = [names].flat().map(name => this.policy.ruleOf(key, name))
    const different = others.find(({ type, method, keep }) => type !== first!.type || method !== first!.method || keep !== first!.keep)
    if (different) throw new Error(`${wordOf(first!)} and ${wordOf(different)} have different rules in config/pii_masking.yaml, so that no expression over both can be shown`)
    return shown(first!, value, this.policy)
  }
}

function shown(rule: MaskingRule, value: SqlFragment, { salt }: MaskingPolicy): SqlFragment {
  switch (rule.method) {
    case 'show': return value
    case 'withhold': throw new Error(`${wordOf(rule)} is withheld by config/pii_masking.yaml`)
    case 'hash': return hashed(value, salt)
    case 'mask': return masked(rule, value)
  }
}

function masked(rule: MaskingRule, value: SqlFragment): SqlFragment {
  switch (rule.type) {
    case 'email': return maskEmail(value, rule.keep)
    case 'phone': return maskPhone(value, rule.keep)
    case 'name': return maskName(value, rule.keep)
    case 'address': case 'ip': case 'demographic': case 'id': case 'text': throw new Error(`${wordOf(rule)} has the type ${rule.type}, for which there is no mask`)
  }
}

const wordOf = ({ dataset, column }: MaskingRule): string => `${dataset}.${column}`
