import { fileKey, type Action, type AddFile, type Metadata } from './actions.ts'
import { withoutMarks } from './identity-column.ts'
import { inPartition } from './partition-value.ts'
import { supportedFeatures } from './protocol.ts'
import type { StructType } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'

/** Why a change cannot follow a commit that came in between; the names are those of Delta's own exceptions. */
export type ConflictReason =
  | 'protocol-changed'
  | 'metadata-changed'
  | 'concurrent-append'
  | 'concurrent-delete-read'
  | 'concurrent-delete-delete'
  | 'concurrent-transaction'
  | 'domain-metadata-changed'
  | 'table-exists'
  | 'too-many-attempts'

/**
 * Whether a change that was thought out on `base` may still be made after a commit that won. The rules are those of the protocol's
 * reference: blind appends never conflict with one another, nor, but for tables whose `delta.isolationLevel` is Serializable, with what has
 * read; and what only rearranges rows (`dataChange: false`) disturbs nobody who does not touch the same files.
 */
export function conflictWith(change: TableChange, base: Snapshot, winner: readonly Action[]): ConflictReason | undefined {
  const isIn = inPartition(base)
  const removesByUs = new Set(change.removes.map(fileKey))
  const pathsByUs = new Set(change.removes.map(remove => remove.path))
  const readKeys = change.reads.kind === 'files' ? new Set(change.reads.keys) : undefined
  const ourTransactions = new Set((change.txn ?? []).map(txn => txn.appId))
  const ourDomains = new Set((change.domainMetadata ?? []).map(domain => domain.domain))
  const serializable = base.properties['delta.isolationLevel'] === 'Serializable'
  const blindAppend = !serializable && winner.some(action => 'commitInfo' in action && action.commitInfo.isBlindAppend === true)
  for (const action of winner) {
    if ('protocol' in action) {
      const before = supportedFeatures(base.protocol)
      const added = [...supportedFeatures(action.protocol)].filter(feature => !before.has(feature))
      const removed = [...before].some(feature => !supportedFeatures(action.protocol).has(feature))
      if (change.protocol || removed || added.length > 0 || action.protocol.minReaderVersion !== base.protocol.minReaderVersion) return 'protocol-changed'
    }
    if ('metaData' in action && (change.metadata || !onlyNumbered(base.metadata, action.metaData))) return 'metadata-changed'
    if ('txn' in action && ourTransactions.has(action.txn.appId)) return 'concurrent-transaction'
    if ('domainMetadata' in action && ourDomains.has(action.domainMetadata.domain)) return 'domain-metadata-changed'
    if ('remove' in action) {
      const { remove } = action
      if (removesByUs.has(fileKey(remove)) || pathsByUs.has(remove.path)) return 'concurrent-delete-delete'
      if (remove.dataChange && (change.reads.kind === 'whole table' || readKeys?.has(fileKey(remove)))) return 'concurrent-delete-read'
    }
    if ('add' in action && action.add.dataChange && (!blindAppend || change.metadata) && readsNewRows(change, action.add, isIn)) return 'concurrent-append'
  }
  return undefined
}

/** Whether all that became of the metadata is that rows were numbered: who numbers none need not know. */
function onlyNumbered(before: Metadata, after: Metadata): boolean {
  const plain = (metadata: Metadata) => JSON.stringify({ ...metadata, configuration: Object.entries(metadata.configuration).sort(), schemaString: metadata.schemaString && withoutMarks(JSON.parse(metadata.schemaString) as StructType) })
  return before.schemaString !== after.schemaString && plain(before) === plain(after)
}

/** Whether rows that came anew could have changed what the change was thought out on. */
function readsNewRows({ reads, adds, removes }: TableChange, add: AddFile, isIn: ReturnType<typeof inPartition>): boolean {
  switch (reads.kind) {
    case 'nothing': return false
    // A change that only rearranges rows does not care what others add.
    case 'whole table': return adds.some(file => file.dataChange) || removes.some(file => file.dataChange)
    case 'files': return reads.partitions === undefined || reads.partitions.some(values => isIn(add, values))
  }
}
