import type { AssetDefinition } from '../definition/asset-definition.ts'
import { brokenBy } from '../definition/row-rules.ts'
import type { WriteMode } from '../definition/write-mode.ts'
import { dimensionsOf, type Partitions } from '../partitions/partitions.ts'
import { sqlText } from '../vocabulary/sql.ts'
import { codeVersion, type CodeVersion } from '../vocabulary/version.ts'

/** What names the logic of an asset, as far as it is not in its definition. */
export interface LogicDigests {
  /** Of the query's canonical form; of a `sql` asset only. */
  readonly query?: string | undefined
  /** What the asset's engine is told in its own words, in place of a translation; none where there is nothing of that. */
  readonly own?: readonly string[] | undefined
  /** Of the module that declares the asset and of every local module it reaches; of the kinds that TypeScript carries out. */
  readonly modules?: string | undefined
}

/**
 * The version of an asset's logic: the author's word if there is one, and what makes the rows. The write mode has a cause of its own
 * (`write`), and so is kept apart; owners, docs, tags, freshness and checks that take out no rows are in neither.
 */
export function codeVersionOf(definition: AssetDefinition, digests: LogicDigests): CodeVersion {
  const { kind, codeVersion: word = '' } = definition
  return codeVersion(kind, word, (kind === 'sql' ? digests.query : digests.modules) ?? '', ...rejections(definition), ...(digests.own ?? []))
}

/** What is taken out of the rows is logic, though it is said as a check. */
const rejections = ({ checks }: AssetDefinition): string[] => checks.flatMap(check => (check.rejects === undefined ? [] : [check.rejects, check.name, sqlText(brokenBy(check)!, key => key)]))

/** The write mode and the partitioning as canonical text: what a materialization records and a plan compares. */
export const writeVersionOf = ({ write, partitions }: AssetDefinition): string => JSON.stringify(partitions ? { ...write, partitions } : write)

/** Whether a table that was written in one mode can't be gone on with in another: rows are told apart otherwise, or lie in other partitions. */
export function needsRebuild(was: string, now: WriteMode): boolean {
  const { partitions, ...before } = JSON.parse(was) as WriteMode & { readonly partitions?: unknown }
  return partitions !== undefined || identityOf(before) !== identityOf(now)
}

/** Whether a table was cut along other columns, or not at all: then rows may lie in it that are in no slice. */
export function cutOtherwise(was: string, now: Partitions): boolean {
  const { partitions } = JSON.parse(was) as { readonly partitions?: Partitions }
  return partitions === undefined || cutsOf(partitions) !== cutsOf(now)
}

const cutsOf = (partitions: Partitions): string => JSON.stringify(dimensionsOf(partitions).map(({ partitions: { kind, column } }) => [kind, column]))

function identityOf(write: WriteMode): string {
  switch (write.mode) {
    case 'overwrite': return write.mode
    case 'overwrite-partition': return JSON.stringify([write.mode, write.by])
    case 'append': return JSON.stringify([write.mode, write.key])
    case 'merge': return JSON.stringify([write.mode, write.on])
    case 'scd2': return JSON.stringify([write.mode, write.on, write.changedBy, write.compare])
  }
}
