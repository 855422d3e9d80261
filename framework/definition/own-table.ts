import type { AssetKey } from '../vocabulary/asset-key.ts'
import { isFragment, isTable, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'

/** Stands in a check's query for the table that is checked, where it is written before anybody knows of which asset. */
export const ownTable: TableReference = Object.freeze({ key: 'this' as AssetKey })

/** A query with a table in place of the one that is checked. */
export const withOwnTable = (fragment: SqlFragment, { key }: TableReference): SqlFragment =>
  Object.freeze({ ...fragment, values: fragment.values.map(value => (isFragment(value) ? withOwnTable(value, { key }) : isTable(value) && value.key === ownTable.key ? { key } : value)) })
