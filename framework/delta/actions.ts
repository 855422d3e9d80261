/** The actions of a Delta log, in the protocol's own words: https://github.com/delta-io/delta/blob/master/PROTOCOL.md */
export type Action =
  | { readonly add: AddFile }
  | { readonly remove: RemoveFile }
  | { readonly metaData: Metadata }
  | { readonly protocol: Protocol }
  | { readonly txn: Transaction }
  | { readonly domainMetadata: DomainMetadata }
  | { readonly cdc: ChangeFile }
  | { readonly commitInfo: CommitInfoAction }
  | { readonly checkpointMetadata: { readonly version: number } }
  | { readonly sidecar: Sidecar }

/** A data file that belongs to the table. `path` is URI-encoded, relative to the table's root or absolute. */
export interface AddFile {
  readonly path: string
  readonly partitionValues: PartitionValues
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modificationTime: number
  readonly dataChange: boolean
  /** JSON text; numbers in it may have more digits than a double holds. */
  readonly stats?: string | undefined
  readonly tags?: Readonly<Record<string, string | null>> | undefined
  readonly deletionVector?: DeletionVectorDescriptor | undefined
  readonly baseRowId?: number | undefined
  readonly defaultRowCommitVersion?: number | undefined
  readonly clusteringProvider?: string | undefined
}

export interface RemoveFile {
  readonly path: string
  readonly deletionTimestamp?: number | undefined
  readonly dataChange: boolean
  readonly extendedFileMetadata?: boolean | undefined
  readonly partitionValues?: PartitionValues | undefined
  readonly size?: number | undefined
  readonly stats?: string | undefined
  readonly tags?: Readonly<Record<string, string | null>> | undefined
  readonly deletionVector?: DeletionVectorDescriptor | undefined
  readonly baseRowId?: number | undefined
  readonly defaultRowCommitVersion?: number | undefined
}

/** By physical column name; null and the empty text both stand for NULL. */
export type PartitionValues = Readonly<Record<string, string | null>>

export interface DeletionVectorDescriptor {
  readonly storageType: 'u' | 'i' | 'p'
  readonly pathOrInlineDv: string
  readonly offset?: number | undefined
  readonly sizeInBytes: number
  readonly cardinality: number
}

export interface Metadata {
  readonly id: string
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly format: { readonly provider: string; readonly options?: Readonly<Record<string, string>> | undefined }
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly createdTime?: number | undefined
}

export interface Protocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures?: readonly string[] | undefined
  readonly writerFeatures?: readonly string[] | undefined
}

/** How far an application has written: what makes its writes idempotent. */
export interface Transaction {
  readonly appId: string
  readonly version: number
  readonly lastUpdated?: number | undefined
}

export interface DomainMetadata {
  readonly domain: string
  readonly configuration: string
  readonly removed: boolean
}

export interface ChangeFile {
  readonly path: string
  readonly partitionValues: PartitionValues
  readonly size: number
  readonly dataChange: false
  readonly tags?: Readonly<Record<string, string | null>> | undefined
}

export interface Sidecar {
  readonly path: string
  readonly sizeInBytes: number
  readonly modificationTime: number
}

/** What a commit says of itself. Writers add what they like; `varve` is our provenance. */
export interface CommitInfoAction {
  readonly timestamp?: number | undefined
  readonly inCommitTimestamp?: number | undefined
  readonly operation?: string | undefined
  readonly operationParameters?: Readonly<Record<string, unknown>> | undefined
  readonly operationMetrics?: Readonly<Record<string, string>> | undefined
  readonly readVersion?: number | undefined
  readonly isolationLevel?: string | undefined
  readonly isBlindAppend?: boolean | undefined
  readonly engineInfo?: string | undefined
  readonly txnId?: string | undefined
  readonly varve?: object | undefined
}

/** What tells one deletion vector from another; empty where there is none. */
export const deletionVectorId = (vector: DeletionVectorDescriptor | undefined): string =>
  vector ? `${vector.storageType}${vector.pathOrInlineDv}${vector.offset === undefined || vector.offset === null ? '' : `@${vector.offset}`}` : ''

/** The identity of a logical file: its path with its deletion vector. */
export const fileKey = (file: { readonly path: string; readonly deletionVector?: DeletionVectorDescriptor | undefined }): string =>
  file.deletionVector ? `${file.path}\0${deletionVectorId(file.deletionVector)}` : file.path

/** The tombstone of a file, taken out at a time. */
export function removeOf(file: AddFile, deletionTimestamp: number, dataChange = true): RemoveFile {
  const { stats: _, modificationTime: __, clusteringProvider: ___, ...rest } = file
  return { ...rest, deletionTimestamp, dataChange, extendedFileMetadata: true }
}
