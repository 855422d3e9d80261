import type { AssetKey } from '../vocabulary/asset-key.ts'
import { column, join, sql, type SqlFragment } from '../vocabulary/sql.ts'
import type { CheckDefinition } from './check-definition.ts'
import type { Scd2, WriteMode } from './write-mode.ts'

/** What a write mode itself promises of the table, held before each publication like the author's own promises. */
export function promisesOf(key: AssetKey, write: WriteMode): CheckDefinition[] {
  if (write.mode !== 'scd2') return []
  const table = { key }
  const promise = (name: string, violations: SqlFragment): CheckDefinition => ({ name, severity: 'error', rule: { kind: 'method', violations: () => violations } })
  return [
    promise('each version begins before it ends, and is current while it is open',
      sql`select * from ${table} where valid_from is null or valid_to <= valid_from or is_current is distinct from (valid_to is null)`),
    promise('no two versions of a key overlap, and at most one is open', overlapping(table, write)),
  ]
}

/** An open version ends after everything else: one that is not the last of its key overlaps the next. */
function overlapping(table: { readonly key: AssetKey }, { on }: Scd2): SqlFragment {
  const key = join(on.map(column))
  // In words that every engine has: QUALIFY is not one of them.
  return sql`
    select * from (select *, lead(valid_from) over (partition by ${key} order by valid_from, valid_to nulls last) as __varve_next from ${table}) as versions
    where __varve_next is not null and (valid_to is null or valid_to > __varve_next)`
}
