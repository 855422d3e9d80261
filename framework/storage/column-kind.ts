/** What a text can be read as, from the narrowest to the widest. `json` is a nested value. */
export type ColumnKind = 'empty' | 'boolean' | 'integer' | 'decimal' | 'date' | 'timestamp' | 'json' | 'text'

/** What the first values of a column are. */
export interface ColumnSample {
  /** What all of them can be read as. */
  readonly all: ColumnKind
  /** What at least half of them can be read as. */
  readonly most: ColumnKind
  readonly nulls: boolean
  readonly longestInteger: number
  /** Digits behind the point. */
  readonly scale: number
  /** How some of the values look: letters as `x` and `X`, digits as `9`. What they say is not in it. */
  readonly shapes: readonly string[]
}

const SHAPES = 3

export function columnSample(values: readonly unknown[]): ColumnSample {
  const texts = values.filter(value => value !== null && value !== undefined && value !== '')
  const kinds = texts.map(kindOf)
  const digits = texts.flatMap((value, i) => (kinds[i] === 'integer' || kinds[i] === 'decimal' ? [/^\s*[+-]?0*(\d*)\.?(\d*)/.exec(textOf(value))!] : []))
  return {
    all: widest(kinds), most: majority(kinds), nulls: texts.length < values.length,
    longestInteger: Math.max(0, ...digits.map(([, whole]) => whole!.length)),
    scale: Math.max(0, ...digits.map(([, , behind]) => behind!.length)),
    shapes: [...new Set(texts.map(shapeOf))].slice(0, SHAPES),
  }
}

/** Whether texts of the kind can be read as the type of a contract's column. */
export function readsAs(kind: ColumnKind, type: string): boolean {
  switch (kind) {
    case 'empty': return true
    case 'boolean': return /^(varchar|boolean)$/.test(type)
    case 'integer': return !/^(date|timestamptz)$/.test(type)
    case 'decimal': return /^(varchar|double|decimal)/.test(type)
    case 'date': return /^(varchar|date|timestamptz)$/.test(type)
    case 'timestamp': return /^(varchar|timestamptz|date)$/.test(type)
    case 'json':
    case 'text': return type === 'varchar'
  }
}

const DAY = /^\d{4}-\d\d-\d\d$|^\d{1,2}\/\d{1,2}\/\d{4}$/
const INSTANT = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?))?|\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d(:\d\d)?)$/i

function kindOf(value: unknown): ColumnKind {
  if (typeof value === 'object') return 'json'
  const text = textOf(value).trim()
  if (/^(true|false)$/i.test(text)) return 'boolean'
  // What begins with a zero is a name for something, not a number.
  if (/^[+-]?(0|[1-9]\d{0,17})$/.test(text)) return 'integer'
  if (/^[+-]?(0|[1-9]\d*)?\.?\d+([eE][+-]?\d+)?$/.test(text) && !/^[+-]?0\d/.test(text)) return 'decimal'
  if (DAY.test(text)) return 'date'
  if (INSTANT.test(text)) return 'timestamp'
  return 'text'
}

function widest(kinds: readonly ColumnKind[]): ColumnKind {
  const found = new Set(kinds)
  if (found.size === 0) return 'empty'
  if (found.size === 1) return kinds[0]!
  const within = (...allowed: ColumnKind[]) => [...found].every(kind => allowed.includes(kind))
  if (within('integer', 'decimal')) return 'decimal'
  return within('date', 'timestamp') ? 'timestamp' : 'text'
}

function majority(kinds: readonly ColumnKind[]): ColumnKind {
  const counts = new Map<ColumnKind, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return most && most[1] * 2 > kinds.length ? most[0] : widest(kinds)
}

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const shapeOf = (value: unknown): string => textOf(value).slice(0, 40).replaceAll(/[\p{L}\p{N}]/gu, letter => (/\p{N}/u.test(letter) ? '9' : /\p{Lu}/u.test(letter) ? 'X' : 'x'))
