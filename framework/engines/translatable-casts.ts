import type { ForeignDialect } from '../vocabulary/sql.ts'
import type { Refusal } from './translatable.ts'

/** A type as DuckDB's bound plan tells it. */
export interface PlanType {
  readonly id: string
  readonly type_info?: { readonly width?: number; readonly scale?: number; readonly child_type?: PlanType } | null | undefined
}

export function typeText({ id, type_info: info }: PlanType): string {
  if (id === 'DECIMAL' && info?.width !== undefined) return `DECIMAL(${info.width},${info.scale ?? 0})`
  return id === 'LIST' && info?.child_type ? `${typeText(info.child_type)}[]` : id
}

/** Why a cast gives something else in another engine; undefined where it gives the same, or is an error in both. */
export function castRefusal(from: PlanType, to: PlanType, { dialect, constant }: { readonly dialect: ForeignDialect; readonly constant: boolean }): Refusal | undefined {
  const [one, other] = [kindOf(from), kindOf(to)]
  if (constant || one === other && one !== 'decimal' || one === 'null') return undefined
  if (other === 'text') return one === 'date' || one === 'whole' || one === 'truth' ? undefined : { why: 'numbers, instants and lists are written otherwise' }
  if (one === 'text') return { why: `other engines read other texts as ${typeText(to)}` }
  if (dialect === 'trino' && /instant|timestamp/.test(one) && /instant|timestamp/.test(other)) return { why: 'Trino keeps the zone of an instant' }
  if (other === 'whole') return one === 'truth' ? undefined : { why: 'it is rounded here and cut off elsewhere' }
  if (other === 'decimal' && one === 'real') return { why: 'halves are rounded otherwise' }
  if (other === 'truth') return { why: 'what counts as true differs' }
  if (one === 'real' || one === 'decimal' || one === 'whole') return other === 'real' || other === 'decimal' ? undefined : { why: 'it was not held against the engine' }
  if (one === 'date' && (other === 'instant' || other === 'timestamp')) return undefined
  if (other === 'date' && (one === 'instant' || one === 'timestamp')) return undefined
  if (other === 'instant' && one === 'timestamp') return undefined
  if (other === 'timestamp' && one === 'instant') return undefined
  return { why: 'it was not held against the engine' }
}

type Kind = 'text' | 'whole' | 'decimal' | 'real' | 'truth' | 'date' | 'timestamp' | 'instant' | 'null' | 'other'

function kindOf({ id }: PlanType): Kind {
  if (/^(VARCHAR|STRING_LITERAL)$/.test(id)) return 'text'
  if (/^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|INTEGER_LITERAL)$/.test(id)) return 'whole'
  if (id === 'DECIMAL') return 'decimal'
  if (/^(DOUBLE|FLOAT)$/.test(id)) return 'real'
  if (id === 'BOOLEAN') return 'truth'
  if (id === 'DATE') return 'date'
  if (id === 'TIMESTAMP') return 'timestamp'
  if (id === 'TIMESTAMP WITH TIME ZONE') return 'instant'
  return /NULL/.test(id) ? 'null' : 'other'
}
