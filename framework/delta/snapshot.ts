import type { Connection } from '../duckdb/connection.ts'
import type { Database } from '../duckdb/database.ts'
import type { AddFile, CommitInfoAction, DomainMetadata, Metadata, Protocol, Transaction } from './actions.ts'
import { BrokenLog, UnsupportedFeature } from './delta-errors.ts'
import type { FileList } from './file-list.ts'
import { LogState } from './log-state.ts'
import { checkReadable, mappingMode } from './protocol.ts'
import { scanSql, type ScanOptions } from './scan.ts'
import { fieldNamed, isSchema, type MappingMode, type StructType } from './schema-types.ts'
import { columnBounds, columnNulls, type Bounds } from './summaries.ts'
import type { TableChange } from './table-change.ts'

/** One version of a table, or a candidate for one: everything that the log says of it. Never changes. */
export class Snapshot {
  readonly protocol: Protocol
  readonly metadata: Metadata
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  readonly properties: Readonly<Record<string, string>>

  /** `version` is -1 and `timestamp` undefined for a candidate of a table that is not there yet. */
  constructor(readonly root: string, readonly database: Database, readonly version: number, readonly timestamp: Date | undefined, readonly state: LogState) {
    if (!state.protocol) throw new BrokenLog(`The log of ${root} has no protocol at version ${version}.`)
    for (const version of [state.protocol.minReaderVersion, state.protocol.minWriterVersion]) if (!Number.isSafeInteger(version)) throw new BrokenLog(`The protocol in the log of ${root} has no versions.`)
    checkReadable(state.protocol, root)
    if (!state.metadata) throw new BrokenLog(`The log of ${root} has no metadata at version ${version}.`)
    checkFormat(state.metadata, root)
    this.protocol = state.protocol
    this.metadata = state.metadata
    this.schema = parsedSchema(root, state.metadata)
    this.properties = state.metadata.configuration
    const named = state.metadata.partitionColumns
    const stray = Array.isArray(named) ? named.find(name => this.schema.fields.length > 0 && !fieldNamed(this.schema, name)) : 'of no list'
    if (stray !== undefined) throw new BrokenLog(`The metadata in the log of ${root} partitions the table by a column that it does not have: ${stray}.`)
    this.partitionColumns = named.map(name => fieldNamed(this.schema, name)?.name ?? name)
  }

  get files(): FileList<AddFile> {
    return this.state.files
  }

  get txns(): ReadonlyMap<string, Transaction> {
    return this.state.transactions
  }

  get domains(): ReadonlyMap<string, DomainMetadata> {
    return this.state.domains
  }

  /** What the version's own commit says of itself; undefined where only a checkpoint of it is left. */
  get commitInfo(): CommitInfoAction | undefined {
    return this.state.commitInfo
  }

  get mapping(): MappingMode {
    const known = this.protocol.minReaderVersion === 2 || (this.protocol.readerFeatures ?? []).includes('columnMapping')
    return known ? mappingMode(this.properties) : 'none'
  }

  /** The candidate as if it were committed, so that checks can read it before it exists. */
  with(change: TableChange): Snapshot {
    return Snapshot.candidate(this.root, this.database, change, this)
  }

  /** A change of a table, or the first one, read as if it were committed. */
  static candidate(root: string, database: Database, change: TableChange, base?: Snapshot): Snapshot {
    const state = new LogState(base?.state)
    state.beginCommit()
    if (change.protocol) state.protocol = change.protocol
    if (change.metadata) state.metadata = change.metadata
    for (const remove of change.removes) state.apply({ remove })
    for (const add of change.adds) state.apply({ add })
    for (const txn of change.txn ?? []) state.apply({ txn })
    for (const domainMetadata of change.domainMetadata ?? []) state.apply({ domainMetadata })
    return new Snapshot(root, database, base?.version ?? -1, base?.timestamp, state)
  }

  /** A SELECT that gives the table's rows on any connection of the database; see {@link scanSql}. */
  scanSql(options: ScanOptions = {}): Promise<string> {
    return scanSql(this, options)
  }

  /** The rows that a reader sees: from statistics where every file has them, else counted. */
  async countRows(connection: Connection): Promise<number> {
    const known = this.files.rows
    if (known !== undefined) return known
    const [row] = await connection.rows<{ n: bigint }>(`select count(*) as n from (${await this.scanSql({ columns: [] })})`)
    return Number(row!.n)
  }

  /** How many NULLs a column has, or undefined where the statistics do not prove it. */
  nullCount(column: string): number | undefined {
    const field = fieldNamed(this.schema, column)
    return field && columnNulls(this.files, field, this.mapping, this.partitionColumns.includes(field.name))
  }

  /** Bounds of a column's values, or undefined where a file lacks them. Texts may be cut, instants are to the millisecond: the values lie within. */
  bounds(column: string): Bounds | undefined {
    const field = fieldNamed(this.schema, column)
    return field && columnBounds(this.files, field, this.mapping, this.partitionColumns.includes(field.name))
  }
}

function checkFormat({ format }: Metadata, root: string): void {
  if (format?.provider && format.provider.toLowerCase() !== 'parquet') throw new UnsupportedFeature('read', [`files of the format ${format.provider}`], root)
}

function parsedSchema(root: string, metadata: Metadata): StructType {
  if (!metadata.schemaString) return { type: 'struct', fields: [] }
  try {
    const schema: unknown = JSON.parse(metadata.schemaString)
    if (isSchema(schema)) return schema as StructType
  } catch {
    throw new BrokenLog(`The schema in the log of ${root} is not JSON.`)
  }
  throw new BrokenLog(`The schema in the log of ${root} is none of the protocol's.`)
}
