import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AbstractAsset } from '../definition/abstract-asset.ts'
import type { AssetBody, AssetDefinition } from '../definition/asset-definition.ts'
import type { PublishContext, UnloadedTable } from '../definition/publish-asset.ts'
import type { RunContext } from '../definition/run-context.ts'
import { writeParquet } from '../duckdb/copy-to-parquet.ts'
import type { Database } from '../duckdb/database.ts'
import type { EngineInput } from '../engines/engine.ts'
import type { RowDifference } from '../delta/rows-since.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import { fingerprint, type DataVersion } from '../vocabulary/version.ts'
import type { Candidate, Provenance } from './candidate.ts'
import type { ReadSince } from './changed-input.ts'
import { confirm } from './confirmation.ts'
import type { Inputs } from './inputs.ts'

export interface PublicationRequest {
  readonly definition: AssetDefinition
  readonly body: Extract<AssetBody, { kind: 'publish' }>
  readonly context: RunContext
  readonly inputs: Inputs
  /** The rows that came since a version and those that went, up to another one; undefined where that can't be told. */
  readonly changes: Sending['changes']
  /** Where the lake notes what was published. */
  readonly folder: string
  readonly database: Sending['database']
  readonly last: Materialization | undefined
}

/** A sink has no files to stage: its checks hold for what is about to be sent, and publishing is the sending. */
export async function stagePublication({ definition, body, context, inputs, changes, folder, database, last }: PublicationRequest): Promise<Candidate> {
  const versions = [...inputs.versions].map(([key, version]) => `${key}@${version}`).sort()
  return {
    asset: definition.key,
    dataVersion: `published:${fingerprint(...versions).slice(0, 32)}` as DataVersion,
    counts: { rowsIn: inputs.rows, rowsOut: inputs.rows, rejected: 0 },
    rows: inputs.rows,
    tableBytes: 0,
    files: 0,
    bytes: 0,
    sameAsBefore: false,
    unchanged: false,
    facts: () => undefined,
    discard: async () => undefined,
    async publish(provenance: Provenance) {
      const { rows } = await withSent({ context, inputs, changes, database }, sent => body.publish(sent))
      const tableVersion = (last?.tableVersion ?? -1) + 1
      await confirm(folder, { ...provenance, rows, tableVersion })
      return tableVersion
    },
  }
}

export interface Sending {
  readonly context: RunContext
  readonly inputs: Inputs
  readonly changes?: ((since: ReadSince, to: number) => Promise<RowDifference | undefined>) | undefined
  /** Is asked once something of the tables is to be sent. */
  readonly database: () => Promise<Database>
}

/** Hands over what a sink may send. Files that are unloaded for it are taken away afterwards. */
export async function withSent<T>({ context, inputs, changes, database }: Sending, work: (sent: PublishContext) => Promise<T>): Promise<T> {
  const tables = new Map(inputs.tables.map(table => [table.name, table]))
  let folder: Promise<string> | undefined
  const unloaded = async (relation: string): Promise<UnloadedTable> => {
    const there = await database()
    const into = await (folder ??= mkdtemp(join(there.scratch, 'unloaded-')))
    const { files, columns, rows } = await there.use(connection => writeParquet(connection, relation, join(into, crypto.randomUUID()), { signal: context.signal }))
    return { files: files.map(({ path }) => path), columns, rows }
  }
  const sent: PublishContext = Object.assign(Object.create(context) as RunContext, {
    versionOf: ({ key }: AbstractAsset) => inputs.versions.get(key) ?? -1,
    contentOf: ({ key }: AbstractAsset) => inputs.contents.get(key) ?? '',
    rowsOf: ({ key }: AbstractAsset) => rowsOf(database, tables.get(key), context.signal),
    rowCountOf: ({ key }: AbstractAsset) => inputs.counts.get(key),
    filesOf: async ({ key }: AbstractAsset) => unloaded(await declared(tables.get(key))),
    changesSince: async ({ key }: AbstractAsset, since: { readonly version: number; readonly content: string }) => {
      const difference = await changes?.({ upstream: key, version: since.version, content: since.content as DataVersion }, inputs.versions.get(key) ?? -1)
      return difference && { came: await unloaded(difference.came), went: await unloaded(difference.went) }
    },
  })
  try {
    return await work(sent)
  } finally {
    if (folder) await folder.then(made => rm(made, { recursive: true, force: true }), () => undefined)
  }
}

async function declared(table: EngineInput | undefined): Promise<string> {
  if (table === undefined) throw new Error('A sink can send only what it declares as an upstream')
  return typeof table.relation === 'string' ? table.relation : table.relation()
}

async function* rowsOf(database: Sending['database'], table: EngineInput | undefined, signal: AbortSignal): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]> {
  const connection = await (await database()).connection()
  try {
    yield* connection.stream(await declared(table), { signal })
  } finally {
    connection.release()
  }
}
