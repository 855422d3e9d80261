import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { PlanType } from './column-lineage-plan.ts'

/** A type of the plan as DuckDB's DESCRIBE writes it. */
export function planTypeText({ id, type_info: info }: PlanType): string {
  if (info?.alias) return info.alias
  switch (id) {
    case 'DECIMAL': return info ? `DECIMAL(${info.width},${info.scale})` : id
    case 'LIST': return `${planTypeText(info!.child_type!)}[]`
    case 'ARRAY': return `${planTypeText(info!.child_type!)}[${info!.size}]`
    case 'STRUCT': return `STRUCT(${fields(info?.child_types).join(', ')})`
    case 'UNION': return `UNION(${fields(info?.child_types?.slice(1)).join(', ')})`
    case 'MAP': {
      const [key, value] = info?.child_type?.type_info?.child_types ?? []
      return `MAP(${planTypeText(key!.second)}, ${planTypeText(value!.second)})`
    }
    case 'ENUM': return `ENUM(${(info?.values ?? []).map(value => quoteLiteral(value)).join(', ')})`
    case 'NULL': return '"NULL"'
    default: return id
  }
}

const fields = (types: NonNullable<PlanType['type_info']>['child_types'] = []): string[] => types.map(({ first, second }) => `${PLAIN.test(first) ? first : quoteIdentifier(first)} ${planTypeText(second)}`)

const PLAIN = /^[a-z_][a-z0-9_]*$/
