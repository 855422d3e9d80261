import { BadPartitions } from './partition-errors.ts'
import type { DynamicPartitions, ProductPartitions, SimplePartitions, StaticPartitions } from './partitions.ts'

/** One slice per name in the list: `staticPartitions({ column: 'region', keys: ['eu', 'us'] })`. */
export function staticPartitions({ column, keys }: { readonly column: string; readonly keys: readonly string[] }): StaticPartitions {
  if (keys.length === 0) throw new BadPartitions(`The partitions by ${column} have no key.`, 'List at least one.')
  const twice = keys.find((key, i) => keys.indexOf(key) < i)
  if (twice !== undefined) throw new BadPartitions(`The partitions by ${column} list "${twice}" twice.`, 'Leave one of them out.')
  for (const key of keys) checkKey(key)
  return Object.freeze({ kind: 'static', column, keys: Object.freeze([...keys]) })
}

/** One slice per name that is registered while the platform runs, under a name that several assets may share. */
export const dynamicPartitions = ({ column, name = column }: { readonly column: string; readonly name?: string | undefined }): DynamicPartitions => Object.freeze({ kind: 'dynamic', column, name })

/** One slice for each combination: `product({ day: daily(...), region: staticPartitions(...) })`, with keys as `2026-03-01|eu`. */
export function product(dimensions: Readonly<Record<string, SimplePartitions>>): ProductPartitions {
  const entries = Object.entries(dimensions)
  if (entries.length < 2) throw new BadPartitions('A product of partitions has two dimensions or more.', 'For one dimension use its partitions by themselves.')
  return Object.freeze({ kind: 'product', dimensions: Object.freeze(entries.map(([name, partitions]) => Object.freeze({ name, partitions }))) })
}

/** The signs that separate keys in text cannot stand in one. @throws {BadPartitions} */
export function checkKey(key: string): void {
  // oxlint-disable-next-line no-control-regex
  if (/^[^\s|,;\u0000-\u001f\u007f](?:[^|,;\u0000-\u001f\u007f]*[^\s|,;\u0000-\u001f\u007f])?$/.test(key)) return
  throw new BadPartitions(`${JSON.stringify(key)} cannot be the key of a slice.`, 'A key has no "|", "," or ";", no control character, and no space at its ends.')
}
