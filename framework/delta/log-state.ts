import { fileKey, type Action, type AddFile, type CommitInfoAction, type DomainMetadata, type Metadata, type Protocol, type RemoveFile, type Transaction } from './actions.ts'
import { FileList } from './file-list.ts'

/** What the actions of a log add up to. Built by replay, then left alone; a newer version starts from a copy. */
export class LogState {
  readonly files: FileList<AddFile>
  /** Files that were taken out and may still be on disk: what a checkpoint must carry and VACUUM must wait for. */
  readonly tombstones: FileList<RemoveFile>
  readonly transactions: Map<string, Transaction>
  readonly domains: Map<string, DomainMetadata>
  protocol: Protocol | undefined
  metadata: Metadata | undefined
  commitInfo: CommitInfoAction | undefined
  #round: number

  constructor(from?: LogState) {
    this.files = new FileList(from?.files)
    this.tombstones = new FileList(from?.tombstones)
    this.transactions = new Map(from?.transactions)
    this.domains = new Map(from?.domains)
    this.protocol = from?.protocol
    this.metadata = from?.metadata
    this.commitInfo = from?.commitInfo
    this.#round = from ? from.#round : 0
  }

  /** Starts a commit. The order of its actions means nothing: a file that it adds is there, wherever it also takes out an older state of it. */
  beginCommit(): void {
    this.#round += 1
    this.commitInfo = undefined
  }

  /** `json` is the text of the action's body, where the caller has it. */
  apply(action: Action, json?: string): void {
    if ('add' in action) {
      this.tombstones.delete(fileKey(action.add))
      this.files.set(action.add, json, this.#round)
    } else if ('remove' in action) {
      const key = fileKey(action.remove)
      this.files.deleteUnlessSetIn(this.#round, key)
      if (!this.files.has(key)) this.tombstones.set(action.remove)
    } else if ('metaData' in action) this.metadata = tidyMetadata(action.metaData)
    else if ('protocol' in action) this.protocol = tidyProtocol(action.protocol)
    else if ('txn' in action) this.transactions.set(action.txn.appId, action.txn)
    else if ('domainMetadata' in action) {
      if (action.domainMetadata.removed) this.domains.delete(action.domainMetadata.domain)
      else this.domains.set(action.domainMetadata.domain, action.domainMetadata)
    } else if ('commitInfo' in action) this.commitInfo = action.commitInfo
  }
}

/** A map read from parquet comes as entries; older writers leave out what is empty. */
function tidyMetadata(metadata: Metadata): Metadata {
  const configuration: unknown = metadata.configuration
  const entries = Array.isArray(configuration) ? Object.fromEntries(configuration.map((entry: { key: string; value: string }) => [entry.key, entry.value])) : configuration
  return { ...metadata, configuration: (entries ?? {}) as Record<string, string>, partitionColumns: metadata.partitionColumns ?? [] }
}

const tidyProtocol = ({ minReaderVersion, minWriterVersion, readerFeatures, writerFeatures }: Protocol): Protocol => ({
  minReaderVersion: Number(minReaderVersion), minWriterVersion: Number(minWriterVersion),
  ...(readerFeatures && minReaderVersion >= 3 ? { readerFeatures } : {}), ...(writerFeatures && minWriterVersion >= 7 ? { writerFeatures } : {}),
})
