import type { ForeignDialect } from '../vocabulary/sql.ts'
import type { Refusal } from './translatable.ts'

/** A type as DuckDB's bound plan tells it. */
export interface PlanType {
  readonly id: string
  readonly type_info?: { readonly width?: number; readonly scale?: number; readonly child_type?: PlanType } | null | undefined
}

/** Types that fare alike in other engines. */
export type Kind = 'text' | 'whole' | 'huge' | 'decimal' | 'double' | 'float' | 'truth' | 'date' | 'timestamp' | 'instant' | 'null' | 'other'

export interface CastCircumstances {
  readonly dialect: ForeignDialect
  /** What is cast, where it stands in the query as it is. */
  readonly constant?: unknown
  /** Whether the author wrote the cast. */
  readonly written: boolean
}

export function typeText({ id, type_info: info }: PlanType): string {
  if (id === 'DECIMAL' && info?.width !== undefined) return `DECIMAL(${info.width},${info.scale ?? 0})`
  return id === 'LIST' && info?.child_type ? `${typeText(info.child_type)}[]` : id
}

/** Why a cast gives something else in another engine; undefined where it gives the same, or is an error in both. */
export function castRefusal(from: PlanType, to: PlanType, { dialect, constant, written }: CastCircumstances): Refusal | undefined {
  const [one, other] = [kindOf(from), kindOf(to)]
  if (typeText(from) === typeText(to) || one === 'null') return undefined
  if (one === 'float') return other === 'double' ? undefined : { why: 'it was not held against the engine', instead: 'Cast to double first.' }
  if (other === 'float') return { why: 'what is too large or too fine for it comes out otherwise', instead: 'Cast to double.' }
  if (one === 'text') return ofText(constant, to, { dialect, written })
  if (other === 'text') return ofWords(one, written)
  if (one === 'truth' && !written) return { why: 'other engines do not count with truth values', instead: 'Write cast(x as integer).' }
  return ofValues(one, other, from, dialect)
}

function ofValues(one: Kind, other: Kind, from: PlanType, dialect: ForeignDialect): Refusal | undefined {
  if (dialect === 'trino' && /instant|timestamp/.test(one) && /instant|timestamp/.test(other)) return { why: 'Trino keeps the zone of an instant' }
  if (other === 'whole' || other === 'huge') return /^(whole|huge|truth)$/.test(one) ? undefined : { why: 'it is rounded here and cut off elsewhere' }
  if (other === 'decimal' && one === 'double') return { why: 'halves are rounded otherwise' }
  if (other === 'truth') return { why: 'what counts as true differs' }
  if (other === 'double' && one === 'decimal') return (from.type_info?.width ?? 38) <= EXACT ? undefined : { why: `of more than ${EXACT} digits the last may differ`, instead: `Cast to a decimal of at most ${EXACT} digits first.` }
  if (/^(decimal|whole|huge)$/.test(one)) return other === 'double' || other === 'decimal' ? undefined : { why: 'it was not held against the engine' }
  if (one === 'date' && (other === 'instant' || other === 'timestamp')) return undefined
  if (other === 'date' && (one === 'instant' || one === 'timestamp')) return undefined
  if ((other === 'instant' && one === 'timestamp') || (other === 'timestamp' && one === 'instant')) return undefined
  return { why: 'it was not held against the engine' }
}

/** Whole numbers of so many digits are doubles without loss. */
const EXACT = 15

function ofWords(one: Kind, written: boolean): Refusal | undefined {
  if (one === 'double' || one === 'decimal' || !/^(date|whole|huge|truth)$/.test(one)) return { why: 'numbers, instants and lists are written otherwise' }
  return written ? undefined : { why: 'other engines make a number of the text instead', instead: 'Write cast(x as varchar).' }
}

/** A text that stands in the query is cast where every engine reads it alike; what comes from a column never is. */
function ofText(constant: unknown, to: PlanType, { dialect, written }: Pick<CastCircumstances, 'dialect' | 'written'>): Refusal | undefined {
  if (typeof constant !== 'string') return { why: `other engines read other texts as ${typeText(to)}`, instead: 'Write read(text, type) of #framework.' }
  const form = FORMS[kindOf(to)]
  if (!form?.test(constant) || decimals(constant) > (kindOf(to) === 'decimal' ? (to.type_info?.scale ?? 0) : 99)) return { why: `other engines read '${constant.slice(0, 20)}' otherwise`, instead: 'Write the value as it is, such as 12, 1.50, true, date \'2024-12-31\' or timestamp \'2024-12-31 23:59:59\'.' }
  return written || dialect === 'spark' ? undefined : { why: 'Trino compares no text with it', instead: 'Write the cast, or date \'2024-12-31\'.' }
}

const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?'
const DAY = '(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}'
const FORMS: Readonly<Partial<Record<Kind, RegExp>>> = {
  whole: /^-?(0|[1-9][0-9]{0,17})$/,
  huge: /^-?(0|[1-9][0-9]{0,17})$/,
  decimal: /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/,
  double: /^(-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?(e[+-]?[0-9]{1,2})?|NaN|-?Infinity)$/,
  // DuckDB's own parser makes 't' and 'f' of the words.
  truth: /^(true|false|t|f)$/,
  date: new RegExp(`^${DAY}$`),
  timestamp: new RegExp(`^${DAY} ${TIME}$`),
  instant: new RegExp(`^${DAY} ${TIME}\\+00$`),
}

const decimals = (text: string): number => /\.([0-9]+)$/.exec(text)?.[1]?.length ?? 0

export function kindOf({ id }: PlanType): Kind {
  if (/^(VARCHAR|STRING_LITERAL)$/.test(id)) return 'text'
  if (/^(TINYINT|SMALLINT|INTEGER|BIGINT|INTEGER_LITERAL)$/.test(id)) return 'whole'
  return KINDS[id] ?? (/NULL/.test(id) ? 'null' : 'other')
}

const KINDS: Readonly<Record<string, Kind>> = { HUGEINT: 'huge', DECIMAL: 'decimal', DOUBLE: 'double', FLOAT: 'float', BOOLEAN: 'truth', DATE: 'date', TIMESTAMP: 'timestamp', 'TIMESTAMP WITH TIME ZONE': 'instant' }
