/** Whether every value of the second type is one of the first. */
export function holds(wide: string, narrow: string): boolean {
  if (wide === narrow) return true
  if (INTEGERS.includes(wide)) return INTEGERS.includes(narrow) && INTEGERS.indexOf(narrow) <= INTEGERS.indexOf(wide)
  if (wide === 'double') return narrow === 'float' || ['byte', 'short', 'integer'].includes(narrow)
  if (wide === 'float') return narrow === 'byte' || narrow === 'short'
  if (wide === 'string') return /^(?:char|varchar)\(/.test(narrow)
  const decimal = digits(wide)
  if (!decimal || !wide.startsWith('decimal')) return false
  const other = digits(narrow)
  return other !== undefined && other.scale <= decimal.scale && other.precision - other.scale <= decimal.precision - decimal.scale
}

function digits(type: string): { readonly precision: number; readonly scale: number } | undefined {
  if (DIGITS[type] !== undefined) return { precision: DIGITS[type], scale: 0 }
  const parts = /^decimal(?:\((\d+),\s*(\d+)\))?$/.exec(type)
  return parts ? { precision: Number(parts[1] ?? 10), scale: Number(parts[2] ?? 0) } : undefined
}

const INTEGERS = ['byte', 'short', 'integer', 'long']
const DIGITS: Readonly<Record<string, number>> = { byte: 3, short: 5, integer: 10, long: 19 }
