import { supportedFeatures } from './protocol.ts'
import { holds } from './type-range.ts'
import type { Snapshot } from './snapshot.ts'

/** Whether the table's columns may get wider types without its files being written anew. */
export const widensTypes = ({ protocol, properties }: Snapshot): boolean =>
  properties['delta.enableTypeWidening'] === 'true' && ['typeWidening', 'typeWidening-preview'].some(feature => supportedFeatures(protocol).has(feature))

/** One entry of a field's `delta.typeChanges`: readers find out by it that files may have the narrower type. */
export interface TypeChange {
  readonly fromType: string
  readonly toType: string
  /** Where inside of lists and maps: `element`, `value.element` ... */
  readonly fieldPath?: string | undefined
}

export const TYPE_CHANGES = 'delta.typeChanges'

/** Whether each column has the table's type in all files. */
export const hasOneType = ({ schema }: Snapshot): boolean => !JSON.stringify(schema).includes(TYPE_CHANGES)

/** Whether the protocol lets a column of one type become one of another: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#type-widening */
export function mayWiden(from: string, to: string): boolean {
  if (from === 'date') return to === 'timestamp_ntz'
  const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(to)
  const whole = decimal && Number(decimal[1]) - Number(decimal[2])
  if (decimal && !from.startsWith('decimal')) return ['byte', 'short', 'integer', 'long'].includes(from) && whole! >= (from === 'long' ? 20 : 10)
  return from !== to && (decimal !== null || ['short', 'integer', 'long', 'double'].includes(to)) && holds(to, from)
}
