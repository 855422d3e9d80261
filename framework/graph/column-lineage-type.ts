import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { PlanType } from './column-lineage-plan.ts'

/** A type of the plan as DuckDB's DESCRIBE writes it. DuckDB quotes a field's name that is one of its `keywords`. */
export function planTypeText({ id, type_info: info }: PlanType, keywords: ReadonlySet<string>): string {
  const text = (type: PlanType): string => planTypeText(type, keywords)
  const fields = (types: PlanFields = []): string[] => types.map(({ first, second }) => (first === '' ? text(second) : `${fieldName(first, keywords)} ${text(second)}`))
  if (info?.alias) return info.alias
  switch (id) {
    case 'DECIMAL': return info ? `DECIMAL(${info.width},${info.scale})` : id
    case 'LIST': return `${text(info!.child_type!)}[]`
    case 'ARRAY': return `${text(info!.child_type!)}[${info!.size}]`
    case 'STRUCT': return `STRUCT(${fields(info?.child_types).join(', ')})`
    case 'UNION': return `UNION(${fields(info?.child_types?.slice(1)).join(', ')})`
    case 'MAP': {
      const [key, value] = info?.child_type?.type_info?.child_types ?? []
      return `MAP(${text(key!.second)}, ${text(value!.second)})`
    }
    case 'ENUM': return `ENUM(${(info?.values ?? []).map(value => quoteLiteral(value)).join(', ')})`
    case 'NULL': return '"NULL"'
    default: return id
  }
}

type PlanFields = NonNullable<PlanType['type_info']>['child_types']

const fieldName = (name: string, keywords: ReadonlySet<string>): string => (/^[a-z_][a-z0-9_]*$/i.test(name) && !keywords.has(name.toLowerCase()) ? name : quoteIdentifier(name))
