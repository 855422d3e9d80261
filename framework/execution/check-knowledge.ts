import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import type { QueryGuarantees } from '../graph/query-guarantees.ts'
import type { RowByRow } from '../graph/row-by-row.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { PersonalColumns } from './check-sample.ts'

/** What is known of an asset that its promises are held with, besides its rows. */
export interface CheckKnowledge {
  /** What follows from how its table is made. */
  guarantees(definition: AssetDefinition): QueryGuarantees
  /** Whether each row of its query is proven to come of one row of one table. */
  rowByRow(definition: AssetDefinition): RowByRow | undefined
  /** What a check measured of the published versions before this one, newest first; without one, of all. */
  past(asset: AssetKey, check: CheckDefinition, before?: number): readonly number[]
  /** The promises that no row of a version broke when they were held to it, by their names. */
  keptAt(asset: AssetKey, version: number): ReadonlySet<string>
  personal(asset: AssetKey): Promise<PersonalColumns>
  /** The least share of rows that have to keep each promise about rows that does not only warn, whatever it tolerates; undefined where none is asked for. */
  leastPassRate(asset: AssetKey): number | undefined
}
