import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { TableReference } from '../vocabulary/sql.ts'

/** Stands in a check's query for the table that is checked, where it is written before anybody knows of which asset. */
export const ownTable: TableReference = Object.freeze({ key: 'this' as AssetKey })
