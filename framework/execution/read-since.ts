import type { AssetDefinition } from '../definition/asset-definition.ts'
import { rejectingReads } from '../definition/row-rules.ts'
import type { WriteMode } from '../definition/write-mode.ts'
import { isRowFunctionText } from '../graph/row-functions.ts'
import { comesThrough, type RowByRow } from '../graph/row-by-row.ts'
import { writeVersionOf } from '../planning/code-version.ts'
import type { Step } from '../planning/plan.ts'
import { emptyLedger, writtenSlices } from '../partitions/slice-ledger.ts'
import { includes } from '../partitions/slice-set.ts'
import type { Situation } from '../planning/situation.ts'
import type { ReadSince } from '../storage/changed-input.ts'
import type { ReadThen } from '../storage/then-and-now.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import { quoteIdentifier, sqlText } from '../vocabulary/sql.ts'

/**
 * The upstream of which a step need only read what came since it was read last: it comes to the very table that it would come to by reading
 * all. That is so where each row of the query comes of one row, both tables are kept by the same key, and all that judges rows is as it was.
 * Undefined where any of it is not proven.
 */
export function readSince(step: Step, definition: AssetDefinition, situation: Situation, rowByRow: RowByRow | undefined): ReadSince | undefined {
  const { graph, state } = situation
  const last = state.last(definition.key)
  const key = keyOf(definition.write)
  if (!rowByRow || !last || !key || definition.partitions || definition.incremental || definition.stream || definition.volatile) return undefined
  if (!isAsItWas(step, definition, last, situation)) return undefined
  const upstream = graph.upstreamKeysOf(definition.key).find(each => each === rowByRow.table)
  if (upstream === undefined || !isKeptBy(graph.get(upstream), key) || !key.every(column => comesThrough(rowByRow, column))) return undefined
  const [version, content] = [last.read?.[upstream], last.inputs[upstream]]
  return version === undefined || content === undefined ? undefined : { upstream, version, content }
}

/**
 * What a step read of its upstreams, where it need make no more than what hangs on what changed since: a table that is made as a whole or
 * as a history, whose rows a key names, and of which all that judges rows is as it was. Undefined where any of it is not so.
 */
export function readThen(step: Step, definition: AssetDefinition, situation: Situation): ReadThen | undefined {
  const last = situation.state.last(definition.key)
  const key = definition.write.mode === 'scd2' ? definition.write.on : definition.write.mode === 'overwrite' ? namingKey(definition) : undefined
  if (!last || !key || definition.kind !== 'sql' || definition.volatile || definition.incremental || definition.stream || !isAsItWas(step, definition, last, situation)) return undefined
  if (definition.partitions && !(definition.write.mode === 'overwrite' && areAllOfThen(step, last, situation))) return undefined
  const inputs = situation.graph.upstreamKeysOf(definition.key).flatMap(upstream => {
    const [version, content] = [last.read?.[upstream], last.inputs[upstream]]
    return version === undefined || content === undefined ? [] : [[upstream, { version, content }] as const]
  })
  return { key, inputs: new Map(inputs) }
}

/** Whether all slices of a step hold what the asset's newest commit read, even those that it did not make. */
function areAllOfThen({ asset, slices }: Step, last: Materialization, { ledgers }: Situation): boolean {
  const made = writtenSlices(ledgers.get(asset) ?? emptyLedger(''))
  return last.allFresh === true && slices !== undefined && made !== undefined && includes(made, slices)
}

/** What no two rows of a published table share, as one of its promises has it. */
function namingKey({ checks }: AssetDefinition): readonly string[] | undefined {
  const promise = checks.find(({ rule, severity, rejects, where, tolerance }) => rule.kind === 'primary-key' && severity === 'error' && !rejects && !where && !tolerance)
  return promise?.rule.kind === 'primary-key' ? promise.rule.columns : undefined
}

/** Whether only data changed: logic, write mode and promises are those of the last time, and judge a row as they judged it then. */
function isAsItWas({ causes, codeVersion }: Step, definition: AssetDefinition, last: Materialization, { checkVersions }: Situation): boolean {
  return causes.every(({ code }) => code === 'upstream' || code === 'data') && last.codeVersion === codeVersion && last.write === writeVersionOf(definition)
    && (last.checks ?? '') === (checkVersions?.get(definition.key) ?? '') && judgesAlike(definition)
}

/** What no two rows of the table share, where rows are added to what is there. */
function keyOf(write: WriteMode): readonly string[] | undefined {
  switch (write.mode) {
    case 'merge': return write.on
    case 'append': return write.key.length > 0 ? write.key : undefined
    case 'overwrite': case 'overwrite-partition': case 'scd2': return undefined
  }
}

function isKeptBy({ kind, write, partitions }: AssetDefinition, key: readonly string[]): boolean {
  const own = keyOf(write)
  return kind !== 'files' && kind !== 'external' && kind !== 'publish' && !partitions && own !== undefined && own.length === key.length && own.every(column => key.some(name => name.toLowerCase() === column.toLowerCase()))
}

/** Whether a row that was rejected, or was not, would come out so again: nothing that rejects asks other rows, of whatever table, or the time. */
function judgesAlike({ checks }: AssetDefinition): boolean {
  if (rejectingReads(checks).length > 0) return false
  return checks.every(({ rejects, rule, where }) => rejects === undefined || (rule.kind !== 'recent' && [where, rule.kind === 'expression' ? rule.expression : undefined].every(text => text === undefined || isRowFunctionText(sqlText(text, quoteIdentifier)))))
}
