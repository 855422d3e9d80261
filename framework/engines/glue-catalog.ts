import type { Column, GlueClient, Table, TableInput } from '@aws-sdk/client-glue'
import { columnType } from '../duckdb/column-type.ts'
import type { DescribedColumn } from '../duckdb/connection.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { glueType } from './athena-text.ts'
import { glueNameOf, type AthenaSettings, type GlueName } from './athena-settings.ts'
import { patiently, withCredentials } from './aws-calls.ts'

type Sdk = typeof import('@aws-sdk/client-glue')

/** A Delta table as Glue has to know it, for Athena to read it. */
export interface CatalogTable {
  /** The asset's key. */
  readonly asset: string
  /** As Athena reaches it: `s3://bucket/prefix/silver/customers`. */
  readonly location: string
  /** In DuckDB's words. */
  readonly columns: readonly DescribedColumn[]
}

/** What {@link GlueCatalog.register} did. */
export type Registered = 'created' | 'updated' | 'same'

/**
 * The tables of a lake in AWS Glue, where Athena looks for them. Athena reads what a table holds from its Delta log; what stands in Glue is
 * where it lies and, for views and Lake Formation, its columns.
 */
export class GlueCatalog {
  #client: Promise<{ readonly client: GlueClient; readonly sdk: Sdk }> | undefined
  readonly #known = new Map<string, string>()

  constructor(readonly settings: Pick<AthenaSettings, 'database' | 'region' | 'glueEndpoint' | 'poll'>) {}

  /** What the asset's table is called. */
  nameOf(asset: string): GlueName {
    return glueNameOf(asset, this.settings.database)
  }

  /** Makes the table known, or its columns up to date. @throws {GlueNameTaken} where the name is that of a table elsewhere */
  async register({ asset, location, columns }: CatalogTable): Promise<Registered> {
    const { database, table } = this.nameOf(asset)
    const input = deltaTable(table, location, columns)
    const told = JSON.stringify(input)
    const key = `${database}.${table}`
    if (this.#known.get(key) === told) return 'same'
    const done = await this.#settle(database, input, asset)
    this.#known.set(key, told)
    return done
  }

  /** Makes parquet files in a folder known as a table of its own. */
  async lend(name: GlueName, location: string, columns: readonly DescribedColumn[]): Promise<void> {
    await this.#settle(name.database, parquetTable(name.table, location, columns), name.table)
  }

  /** Forgets a table; nothing where there is none. */
  async forget({ database, table }: GlueName): Promise<void> {
    try {
      await this.#send((client, sdk) => client.send(new sdk.DeleteTableCommand({ DatabaseName: database, Name: table })))
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
  }

  async find({ database, table }: GlueName): Promise<Table | undefined> {
    try {
      return (await this.#send((client, sdk) => client.send(new sdk.GetTableCommand({ DatabaseName: database, Name: table })))).Table
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  close(): void {
    void this.#client?.then(({ client }) => client.destroy(), () => undefined)
    this.#client = undefined
  }

  async #settle(database: string, input: TableInput, asset: string): Promise<Registered> {
    const found = await this.find({ database, table: input.Name! })
    if (found) return this.#update(database, input, found, asset)
    try {
      await this.#create(database, input)
      return 'created'
    } catch (error) {
      // Someone else was first.
      if ((error as Error).name !== 'AlreadyExistsException') throw error
      return this.#update(database, input, (await this.find({ database, table: input.Name! }))!, asset)
    }
  }

  async #update(database: string, input: TableInput, found: Table, asset: string): Promise<Registered> {
    const there = found.StorageDescriptor?.Location
    if (there !== undefined && bare(there) !== bare(input.StorageDescriptor!.Location!)) throw new GlueNameTaken(asset, `${database}.${input.Name!}`, there)
    const parameters = { ...found.Parameters, ...input.Parameters }
    if (sameColumns(found.StorageDescriptor?.Columns, input.StorageDescriptor!.Columns!) && Object.entries(input.Parameters!).every(([name, value]) => found.Parameters?.[name]?.toLowerCase() === value.toLowerCase())) return 'same'
    await this.#send((client, sdk) => client.send(new sdk.UpdateTableCommand({ DatabaseName: database, TableInput: { ...input, Parameters: parameters, ...(found.Description !== undefined && { Description: found.Description }), ...(found.Owner !== undefined && { Owner: found.Owner }) } })))
    return 'updated'
  }

  async #create(database: string, input: TableInput): Promise<void> {
    const create = () => this.#send((client, sdk) => client.send(new sdk.CreateTableCommand({ DatabaseName: database, TableInput: input })))
    try {
      await create()
    } catch (error) {
      if (!isAbsent(error)) throw error
      await this.#send((client, sdk) => client.send(new sdk.CreateDatabaseCommand({ DatabaseInput: { Name: database } }))).catch(problem => {
        if ((problem as Error).name !== 'AlreadyExistsException') throw problem
      })
      await create()
    }
  }

  async #send<T>(call: (client: GlueClient, sdk: Sdk) => Promise<T>): Promise<T> {
    const { client, sdk } = await this.#opened()
    return patiently(() => withCredentials(() => call(client, sdk)), this.settings.poll.first)
  }

  #opened() {
    return (this.#client ??= (async () => {
      process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
      const sdk = await import('@aws-sdk/client-glue')
      const { region, glueEndpoint: endpoint } = this.settings
      return { sdk, client: new sdk.GlueClient({ ...(region && { region }), ...(endpoint && { endpoint }), maxAttempts: 1 }) }
    })())
  }
}

/** As Athena and Glue's own crawlers describe a Delta table; the SerDe's path is what other readers go by. */
function deltaTable(name: string, location: string, columns: readonly DescribedColumn[]): TableInput {
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    Parameters: { EXTERNAL: 'TRUE', table_type: 'DELTA', 'spark.sql.sources.provider': 'delta', classification: 'delta' },
    StorageDescriptor: {
      Columns: glueColumns(columns),
      Location: `${bare(location)}/`,
      InputFormat: 'org.apache.hadoop.mapred.SequenceFileInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe', Parameters: { 'serialization.format': '1', path: `${bare(location)}/` } },
    },
    PartitionKeys: [],
  }
}

function parquetTable(name: string, location: string, columns: readonly DescribedColumn[]): TableInput {
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    Parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
    StorageDescriptor: {
      Columns: glueColumns(columns),
      Location: `${bare(location)}/`,
      InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe', Parameters: { 'serialization.format': '1' } },
    },
    PartitionKeys: [],
  }
}

const glueColumns = (columns: readonly DescribedColumn[]): Column[] => columns.map(({ name, type }) => ({ Name: name.toLowerCase(), Type: glueType(columnType(type)) }))
const sameColumns = (some: readonly Column[] | undefined, others: readonly Column[]): boolean => some?.length === others.length && some.every(({ Name, Type }, i) => Name === others[i]!.Name && Type === others[i]!.Type)
const bare = (location: string): string => location.replace(/\/+$/, '').replace(/^s3a:/, 's3:')
const isAbsent = (error: unknown): boolean => (error as Error).name === 'EntityNotFoundException'

export class GlueNameTaken extends ExplainedError {
  readonly code = 'engines/glue-name-taken'
  readonly hint = 'Choose another athena.database in config/<profile>.yaml, or drop that table from Glue: its files stay.'
  constructor(asset: string, name: string, readonly location: string) {
    super(`${asset} is to be ${name} in Glue, and that is the table of ${location}.`)
  }
}
