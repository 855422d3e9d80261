import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import { ingestionOf, type Contract } from '../definition/contract.ts'
import { CAST_FAILED } from '../definition/row-rules.ts'
import { column, join, sql } from '../vocabulary/sql.ts'

/** The definitions with a warning for each that reads a table whose contract was not held on writing: `schema_on_read`. */
export function withReadChecks(definitions: readonly AssetDefinition[], contracts: ReadonlyMap<string, Contract>): readonly AssetDefinition[] {
  const open = new Map(definitions.flatMap(definition => {
    const contract = definition.kind === 'sql' ? contracts.get(definition.contract ?? '') : undefined
    return contract && ingestionOf(contract).mode === 'schema_on_read' ? [[definition.key, contract] as const] : []
  }))
  if (open.size === 0) return definitions
  return definitions.map(definition => {
    const checks = definition.kind === 'sql' ? definition.upstreams.flatMap(({ asset }) => (open.has(asset()) ? checksOf(asset(), open.get(asset())!) : [])) : []
    return checks.length === 0 ? definition : Object.freeze({ ...definition, checks: [...definition.checks, ...checks] })
  })
}

function checksOf(key: AssetDefinition['key'], { name, columns }: Contract): CheckDefinition[] {
  const table = { key }
  const known = [...columns.map(({ name: inSource, as }) => (as ?? inSource).toLowerCase()), CAST_FAILED, '_proc_date', '_source_file', '_source_row']
  const required = columns.filter(({ required: must }) => must).map(({ name: inSource, as }) => column(as ?? inSource))
  const unknown: CheckDefinition = {
    name: `${key} has the columns that ${name} knows`, severity: 'warn',
    rule: { kind: 'method', violations: () => sql`select name from (select unnest(json_keys(to_json(one))) as name from (select one from ${table} as one limit 1)) where lower(name) not in (${join(known)})` },
  }
  const missing: CheckDefinition = {
    name: `${key} has what ${name} requires`, severity: 'warn',
    rule: { kind: 'method', violations: () => sql`select * from ${table} where ${join(required.map(each => sql`${each} is null`), ' or ')}` },
  }
  return required.length > 0 ? [unknown, missing] : [unknown]
}
