import type { AddFile, ChangeFile, DomainMetadata, Metadata, Protocol, RemoveFile, Transaction } from './actions.ts'

/** A candidate for the next version: its data files exist, but no reader sees them until it is committed. */
export interface TableChange {
  readonly adds: readonly AddFile[]
  readonly removes: readonly RemoveFile[]
  readonly metadata?: Metadata | undefined
  readonly protocol?: Protocol | undefined
  readonly txn?: readonly Transaction[] | undefined
  readonly domainMetadata?: readonly DomainMetadata[] | undefined
  readonly cdc?: readonly ChangeFile[] | undefined
  readonly reads: ReadSet
  /** By name, for `operationMetrics`. */
  readonly metrics: Readonly<Record<string, number>>
}

/** What a change was thought out on: another commit in between only matters where it touches this. */
export type ReadSet =
  /** A blind append: it is right whatever the table holds. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'whole table' }
  /** These files, by {@link fileKey}, and all rows whose partition values are among these; without `partitions`, any new rows matter. */
  | { readonly kind: 'files'; readonly keys: readonly string[]; readonly partitions?: readonly Readonly<Record<string, string | null>>[] | undefined }

/** Whether the change would leave the table as it is: then there is nothing to commit. */
export const isEmpty = (change: TableChange): boolean =>
  change.adds.length === 0 && change.removes.length === 0 && !change.metadata && !change.protocol && !change.txn?.length && !change.domainMetadata?.length
