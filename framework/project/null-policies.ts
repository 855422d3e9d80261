import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import { notNull } from '../definition/common-checks.ts'
import { given, type Contract } from '../definition/contract.ts'
import { sql } from '../vocabulary/sql.ts'

/**
 * The definitions with what contracts say of missing values. The table that is made of the landed files keeps rows aside that lack what is not
 * `nullable`, and counts of each column how many of the rows that landed were given its `default`.
 */
export function withNullPolicies(definitions: readonly AssetDefinition[], contracts: ReadonlyMap<string, Contract>): readonly AssetDefinition[] {
  const landed = new Map(definitions.flatMap(({ key, kind, contract }) => (kind === 'files' && contract !== undefined ? [[key, contract] as const] : [])))
  return definitions.map(definition => {
    const contract = contracts.get(definition.contract ?? '')
    if (definition.kind !== 'sql' || !contract) return definition
    const from = upstreamKeys(definition).find(key => landed.get(key) === definition.contract)
    if (from === undefined) return definition
    const checks = contract.columns.flatMap(column => policyOf(column, from)).filter(({ name, rejects }) => rejects === undefined || !definition.checks.some(known => known.name === name))
    return checks.length === 0 ? definition : Object.freeze({ ...definition, checks: [...definition.checks, ...checks] })
  })
}

/** An upstream that is none is the graph's to tell, with its place. */
function upstreamKeys({ upstreams }: AssetDefinition): readonly AssetDefinition['key'][] {
  return upstreams.flatMap(({ asset }) => {
    try {
      return [asset()]
    } catch {
      return []
    }
  })
}

function policyOf(column: Contract['columns'][number], landing: AssetDefinition['key']): CheckDefinition[] {
  const { name, as, nullable, default: otherwise } = column
  if (nullable === false) return [notNull(as ?? name, { onFail: 'quarantine' })]
  if (otherwise === undefined) return []
  // No other column of the row is shown: it may be anybody's.
  return [{ name: `nulls_defaulted: ${as ?? name} is given, else it is ${JSON.stringify(otherwise)}`, severity: 'warn', rule: { kind: 'method', violations: () => sql`select ${given(column)} as ${{ column: as ?? name }} from ${{ key: landing }} where ${given(column)} is null` } }]
}
