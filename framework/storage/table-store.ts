import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ContainerInstance } from 'typedi'
import { isTable, type AssetBody, type AssetDefinition } from '../definition/asset-definition.ts'
import type { Contract } from '../definition/contract.ts'
import { type QueryContext, type RunContext } from '../definition/run-context.ts'
import { DeltaTable, type At } from '../delta/delta-table.ts'
import type { LogStore } from '../delta/log-store.ts'
import type { FileFilter } from '../delta/skipping.ts'
import { headOf } from '../delta/table-head.ts'
import type { Database } from '../duckdb/database.ts'
import { exactPath } from '../duckdb/exact-path.ts'
import type { EngineSession, PinnedTable, Question, WriteJob } from '../engines/engine.ts'
import { columnsOf } from '../delta/schema.ts'
import { isRemote } from '../objects/object-place.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Observation } from '../vocabulary/lake-state.ts'
import type { LakeView } from '../graph/lake-view.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { StampedRange } from '../vocabulary/stamped-range.ts'
import { affectedRows, type AffectedRows } from './affected-rows.ts'
import type { Candidate, ColumnFacts } from './candidate.ts'
import { columnFacts } from './column-facts.ts'
import { confirmedOf } from './confirmation.ts'
import { newestOfStatistics, newestValue } from './data-time.ts'
import type { Inputs, StepSlices } from './inputs.ts'
import { changedInput, changedRows, type ReadSince } from './changed-input.ts'
import { Checkpoints } from './checkpoints.ts'
import { DriftLog } from './drift-log.ts'
import { nameOf, newestStamp, stageIncremental } from './incremental-stage.ts'
import { stageLanding, type LandingStageRequest } from './landing-stage.ts'
import { landedBatches, type LandedBatch } from './landed-batches.ts'
import type { Landing, SourceObservation } from './landing.ts'
import { stagePublication } from './publication-stage.ts'
import { stageRestore } from './restore-stage.ts'
import { maskingAudits, writeMaskingAudit, type MaskingAudit } from './masking-audit.ts'
import { QUARANTINE, quarantinedRows, quarantineSummary, type QuarantinedRow, type QuarantineFilter, type QuarantineSummary } from './quarantine.ts'
import type { TableSettings } from './table-settings.ts'
import { offsetsIn, stageStream } from './stream-stage.ts'
import { stageTable, type TableStageRequest } from './table-stage.ts'
import { watermarkMirror } from './watermark-mirror.ts'
import { hasSecrets } from './keeping-secrets.ts'
import { stageThere } from './table-there.ts'
import { authored, writing, type TableBody } from './authored-work.ts'
import { stageReplay } from './replay-stage.ts'
import { recalledBatches, recalledCommits } from './recall.ts'
import { positionsAside, thenAndNow, type ReadThen } from './then-and-now.ts'
import { UpstreamInputs } from './upstream-inputs.ts'

export interface StoreCollaborators {
  /** The lake's folder. An asset's table is at `<lake>/<asset key>`, unless another place is named. */
  readonly lake: string
  /** Relative to the lake. */
  readonly locations: ReadonlyMap<AssetKey, string>
  /** The project's folder, from where relative locations of external tables count. */
  readonly root: string
  readonly logOf: (tableRoot: string) => LogStore
  /** The folder of this machine in which a table that is elsewhere is worked on. */
  readonly folderOf: (location: string) => string
  /** Opened when it is first needed. */
  readonly database: () => Promise<Database>
  readonly landing: Landing
  /** Below the lake: where drift records are written, and where values of unknown columns are kept. */
  readonly ingestion: { readonly drift: string; readonly unknown: string; readonly checkpoints: string }
  readonly contracts: ReadonlyMap<string, Contract>
  readonly services: ContainerInstance
  readonly settingsOf: (key: AssetKey) => TableSettings
}

export interface StageRequest {
  readonly definition: AssetDefinition
  readonly slices: StepSlices | undefined
  /** Make the table anew instead of merging into what it holds. */
  readonly rebuild: boolean
  readonly cuts: ReadonlyMap<string, readonly string[]>
  readonly body: AssetBody
  readonly session: EngineSession
  readonly inputs: Inputs
  readonly context: RunContext & QueryContext
  /** What the asset's promises will ask of its rows, for an engine that has to know before. */
  readonly questions: readonly Question[]
  readonly last: Materialization | undefined
  readonly observation: Observation | undefined
  /** Rows in the asset's quarantine, by their ids, that are to be run again. */
  readonly release?: readonly string[] | undefined
  /** Of an incremental asset, from when on its source is read; undefined for all. */
  readonly since?: Date | undefined
  /** Of an incremental asset, which rows of its source are read again, whatever was read before. */
  readonly stamped?: StampedRange | undefined
  /** Of an upstream, only what came after a version need be read. */
  readonly reads?: ReadSince | undefined
  /** What was read of the upstreams, where no more need be made than what hangs on what changed since. */
  readonly readThen?: ReadThen | undefined
  /** What landed batch by batch, of a table that nothing is merged into: each batch in its turn. `of` names what landed. */
  readonly replay?: { readonly of: readonly AssetKey[]; readonly batches: readonly LandedBatch[]; readonly open: (inputs: Inputs['tables']) => Promise<EngineSession> } | undefined
  readonly onProgress: WriteJob['onProgress']
}

/** One version of an asset's table, for `varve history`. */
export interface TableVersion {
  readonly version: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly operation: string
  readonly run?: string | undefined
  readonly rows?: number | undefined
  readonly codeVersion?: string | undefined
  readonly dataVersion?: string | undefined
  readonly metrics: Readonly<Record<string, string>>
  /** Who wrote it, where it was not this framework. */
  readonly by?: string | undefined
}

/** Tables in and out of the lake. Engines make the files; what becomes of them is decided here and committed by `delta/`. */
export class TableStore {
  readonly #with: StoreCollaborators
  readonly #tables = new Map<AssetKey, DeltaTable>()
  readonly #inputs = new UpstreamInputs(key => this.#table(key), (definition, at) => this.relationOf(definition, at))

  constructor(collaborators: StoreCollaborators) {
    this.#with = collaborators
  }

  /** What an asset reads of these, as something that an engine can read: of an upstream with slices, those that the asset's slices need. */
  inputs(definition: AssetDefinition, keys: readonly AssetKey[], slices: StepSlices | undefined, view: LakeView): Promise<Inputs> {
    return this.#inputs.read(definition, keys, slices, view)
  }

  /** What landed for an asset, batch by batch and oldest first, each with what the asset would read then; undefined where no more than one did. */
  landedBatches(definition: AssetDefinition, keys: readonly AssetKey[], view: LakeView, log: (message: string) => void): ReturnType<typeof landedBatches> {
    return landedBatches({ landing: this.#with.landing, keys, view, log, inputs: then => this.inputs(definition, keys, undefined, then) })
  }

  /** An asset's table as it is published now, for catalogs; undefined where it has none. */
  async pinnedTable(definition: AssetDefinition): Promise<PinnedTable | undefined> {
    if (!isTable(definition)) return undefined
    const table = await this.#table(definition.key)
    const snapshot = await table.find()
    return snapshot && { location: table.root, version: snapshot.version, columns: columnsOf(snapshot.schema) }
  }

  /** The greatest value of a column of time, in milliseconds since 1970; undefined where there is none. From statistics where they tell it, else by a query. */
  async newestOf(definition: AssetDefinition, column: string): Promise<number | undefined> {
    if (isTable(definition)) {
      const table = await this.#table(definition.key)
      const known = (await table.head()) < 0 ? undefined : newestOfStatistics(await table.snapshot(), column)
      if (known !== undefined) return known
    }
    const relation = await this.relationOf(definition)
    return relation === undefined ? undefined : newestValue(definition, column, relation, await this.#with.database())
  }

  /** A SELECT over an asset's rows, as of now, a version or a time; undefined where it was never materialized. Files that hold no row which a filter asks for may be left out of it. */
  async relationOf(definition: AssetDefinition, at: At = {}, database?: Database, leavingOut?: FileFilter): Promise<string | undefined> {
    const { landing, root, services, contracts } = this.#with
    switch (definition.kind) {
      case 'files': {
        const batch = 'version' in at && at.version !== undefined ? at.version : await landing.head(definition.key)
        if (batch < 0) return undefined
        const manifest = await landing.manifest(definition.key, batch)
        await landing.bring(definition.key, manifest)
        return landing.relation(definition.key, manifest, contracts.get(definition.contract ?? '')?.columns.map(({ name }) => name) ?? [])
      }
      case 'external': {
        const body = definition.body(services)
        if (body.kind !== 'external') throw new Error(`${definition.key} changed its kind`)
        const location = isRemote(body.location) ? body.location : resolve(root, body.location)
        if (body.format === 'delta') return (await (await this.#tableAt(location, database)).snapshot(at)).scanSql()
        return `select * from ${body.format === 'csv' ? 'read_csv' : 'read_parquet'}(${existsSync(location) ? exactPath(location) : quoteLiteral(location)})`
      }
      case 'publish':
        return undefined
      case 'sql':
      case 'rows':
      case 'spark': {
        const table = database ? await this.#tableAt(this.#folder(definition.key), database) : await this.#table(definition.key)
        return (await table.find(at))?.scanSql({ leavingOut })
      }
    }
  }

  /** A version of an asset's table, and what its statistics prove of its columns; of what is no table, nothing. */
  async statisticsOf(definition: AssetDefinition, at?: At): Promise<{ readonly version?: number | undefined; facts(column: string): ColumnFacts | undefined }> {
    const snapshot = await (await this.tableOf(definition))?.snapshot(at)
    return { version: snapshot?.version, facts: column => snapshot && columnFacts(snapshot, column) }
  }

  /** Makes the next version of an asset in files that no reader sees. */
  async stage(asked: StageRequest): Promise<Candidate> {
    const { definition, body, session, inputs, context, questions, last, observation, since, stamped, replay } = asked
    const { signal, run, now } = context
    switch (body.kind) {
      case 'files':
        return stageLanding({
          definition, contract: this.#contractOf(definition), landing: this.#with.landing, drifts: new DriftLog(join(this.#with.lake, this.#with.ingestion.drift)), unknown: this.#unknownOf(definition),
          folder: this.#folder(definition.key), observation: observation as SourceObservation, last, run, now, signal, log: context.log,
        })
      case 'publish':
        return stagePublication({ definition, body, context, inputs, changes: async (since, to) => changedRows(await this.#table(since.upstream), since, to), folder: this.#folder(definition.key), database: () => this.#with.database(), last })
      case 'external':
        throw new Error(`${definition.key} is filled by someone else and can't be staged`)
      case 'sql':
      case 'rows':
      case 'spark': {
        const { incremental } = definition
        const request = await this.#requestOf(asked, body, session, inputs)
        if (replay) context.log(`made anew from the ${replay.batches.length} batches of ${replay.of.join(', ')}, in the order in which they landed`)
        if (body.kind !== 'rows' && session.tables) {
          const work = authored(definition, body, context)
          const comes = incremental ? 'the source is read incrementally' : definition.stream ? 'they are read as a stream' : replay ? 'they are entered batch by batch' : hasSecrets(work) ? 'the query holds a secret' : undefined
          const candidate = await stageThere(request, { work, questions, comes, say: message => context.log(message) })
          if (candidate) return candidate
        }
        const stage = replay ? (whole: TableStageRequest) => stageReplay(whole, { batches: replay.batches, scratch: root => this.#tableAt(root), batchRequest: async (batch, work) => {
          const batchInputs = await batch.inputs()
          const opened = await replay.open(batchInputs.tables)
          try {
            return await work(await this.#requestOf({ ...asked, reads: undefined, readThen: undefined, release: undefined }, body, opened, batchInputs))
          } finally {
            await opened.close()
          }
        } }) : stageTable
        if (definition.stream) return stageStream(request, { stream: definition.stream, checkpoints: this.checkpoints(), log: context.log, stage })
        return incremental ? stageIncremental(request, { incremental, since, stamped, mirror: watermarkMirror(this.#with.lake, nameOf(definition.key)), log: context.log, stage }) : stage(request)
      }
    }
  }

  /** What is staged of a table, and how an engine is had to write its rows. */
  async #requestOf({ definition, slices, rebuild, cuts, context, last, release, reads, readThen, onProgress }: StageRequest, body: TableBody, session: EngineSession, inputs: Inputs): Promise<TableStageRequest> {
    const whole = reads && session.dialect === 'duckdb' ? inputs.tables.find(({ name }) => name === reads.upstream) : undefined
    const part = whole && (await changedInput(await this.#table(reads!.upstream), reads!, inputs.versions.get(reads!.upstream)!))
    if (part !== undefined) context.log(`reads of ${reads!.upstream} what came since version ${reads!.version}`)
    const write = writing({ definition, body, context, session, slices, part: part === undefined ? undefined : { whole: whole!, relation: part }, affected: readThen && session.dialect === 'duckdb' ? text => this.#affected(text, readThen, inputs, definition, last, context.signal) : undefined })
    const { signal, now } = context
    return { settings: this.#with.settingsOf(definition.key), definition, slices, rebuild, cuts, release, table: await this.#table(definition.key), quarantine: await this.#quarantine(definition.key), session, database: await this.#with.database(), last, rowsIn: body.kind === 'rows' || part !== undefined ? undefined : inputs.rows, now, signal, onProgress, write, key: readThen?.key }
  }

  /** Of rows that are kept aside nobody knows what they hang on, so that with any all has to be made. */
  async #affected(text: string, read: ReadThen, inputs: Inputs, definition: AssetDefinition, last: Materialization | undefined, signal: AbortSignal): Promise<AffectedRows | undefined> {
    if (!last || last.rows < this.#with.settingsOf(definition.key).partsFrom) return undefined
    if (((await quarantineSummary(await this.#quarantine(definition.key), definition.key))?.open ?? 0) > 0) return undefined
    const tables = await thenAndNow(text, inputs, read, key => this.#table(key))
    return tables && affectedRows(await this.#with.database(), text, tables, { key: read.key, most: Math.max(MOST, last.rows * WORTH_A_PART), aside: positionsAside(definition), signal })
  }

  /** An earlier version that this very logic made from these very inputs, as a candidate; undefined where the table's history has none. */
  async restorable(definition: AssetDefinition, wanted: Pick<Materialization, 'codeVersion' | 'write' | 'inputs'>): Promise<Candidate | undefined> {
    if (!isTable(definition) || definition.partitions || definition.write.mode !== 'overwrite' || (await this.head(definition)) < 0) return undefined
    const inputs = canonicalInputs(wanted.inputs)
    const made = (await this.recallAll(definition)).find(earlier => earlier.codeVersion === wanted.codeVersion && earlier.write === wanted.write && canonicalInputs(earlier.inputs) === inputs)
    return made && stageRestore(await this.#table(definition.key), await this.#with.database(), definition.key, made)
  }

  /** The newest version of what the asset holds, -1 where it holds nothing. Costs two look-ups where a known version still is the newest. */
  async head(definition: AssetDefinition, known?: number): Promise<number> {
    switch (definition.kind) {
      case 'files': return this.#with.landing.head(definition.key, known)
      case 'publish': return (await confirmedOf(this.#folder(definition.key)))?.tableVersion ?? -1
      case 'external': return -1
      case 'sql':
      case 'rows':
      case 'spark': return headOf(this.#with.logOf(this.#folder(definition.key)), known)
    }
  }

  /** What the newest commit says of itself; `foreign` says who wrote, where it was not us. */
  async recall(definition: AssetDefinition): Promise<{ readonly made?: Materialization | undefined; readonly foreign?: string | undefined }> {
    if (definition.kind === 'publish') return { made: await confirmedOf(this.#folder(definition.key)) }
    const versions = definition.kind === 'files' ? await recalledBatches(this.#with.landing, definition.key, 1) : await recalledCommits(await this.#table(definition.key))
    const newest = versions.find(({ maintenance }) => !maintenance)
    const made = versions.find(version => version.made !== undefined)?.made
    if (!made) return { foreign: newest?.by ?? 'an unknown writer' }
    const confirmed = await confirmedOf(join(this.#folder(definition.key), definition.kind === 'files' ? '_manifests' : '_varve'))
    const current = confirmed?.tableVersion === made.tableVersion ? confirmed : made
    // Maintenance moves the head without touching the content, so that the head is what this content is known by.
    const head = versions[0]!.version
    const moved = head === made.tableVersion ? current : { ...current, tableVersion: head, ...(definition.partitions && { partition: undefined, changed: '' }) }
    return newest?.made ? { made: moved } : { made: current, foreign: newest?.by ?? 'an unknown writer' }
  }

  /** Every materialization that the asset's own files still tell of, newest first. */
  async recallAll(definition: AssetDefinition): Promise<readonly Materialization[]> {
    if ((await this.head(definition)) < 0) return []
    const { made } = await this.recall(definition)
    const versions = definition.kind === 'files' ? await recalledBatches(this.#with.landing, definition.key) : definition.kind === 'publish' ? [] : await recalledCommits(await this.#table(definition.key))
    const all = versions.flatMap(version => version.made ?? [])
    return made ? [made, ...all.filter(({ tableVersion }) => tableVersion !== made.tableVersion)] : all
  }

  async history(definition: AssetDefinition, limit?: number): Promise<readonly TableVersion[]> {
    if (definition.kind === 'external' || (await this.head(definition)) < 0) return []
    if (definition.kind === 'files' || definition.kind === 'publish') {
      const batches = definition.kind === 'files' ? await recalledBatches(this.#with.landing, definition.key, limit) : []
      return batches.map(({ version, made }) => ({ version, at: made!.at, operation: 'LAND', run: made!.run, rows: made!.rows, codeVersion: made!.codeVersion, dataVersion: made!.dataVersion, metrics: {} }))
    }
    const commits = await (await this.#table(definition.key)).history(limit)
    return commits.map(({ version, timestamp, operation, operationMetrics, provenance, engineInfo }) => {
      const made = provenance as Materialization | undefined
      return { version, at: timestamp.toISOString(), operation, run: made?.run, rows: made?.rows, codeVersion: made?.codeVersion, dataVersion: made?.dataVersion, metrics: operationMetrics, by: made ? undefined : (engineInfo ?? 'unknown') }
    })
  }

  /** Mirrors the watermark of an incremental asset anew: as its newest commit recorded it, else as its rows tell. @returns whether there is one */
  async restoreWatermark(definition: AssetDefinition): Promise<boolean> {
    const { incremental, key } = definition
    if (!incremental || (await this.head(definition)) < 0) return false
    const made = (await this.recallAll(definition)).find(({ watermark }) => watermark !== undefined) ?? (await this.recall(definition)).made
    const relation = await this.relationOf(definition)
    if (!made || relation === undefined) return false
    const watermark = made.watermark ?? (await newestStamp({ database: await this.#with.database(), now: new Date(made.at) }, quoteIdentifier(incremental.by), relation))
    if (watermark === undefined) return false
    await watermarkMirror(this.#with.lake, nameOf(key)).restore({ source: nameOf(key), watermark, updated_at: made.at, version: made.tableVersion, run_id: made.run, table: key, column: incremental.by })
    return true
  }

  /** How far streams have been read. */
  checkpoints(): Checkpoints {
    return new Checkpoints(join(this.#with.lake, this.#with.ingestion.checkpoints))
  }

  /** Writes the checkpoints of a stream anew, as its table's rows tell. @returns how many */
  async restoreCheckpoints(definition: AssetDefinition): Promise<number> {
    const { stream, key } = definition
    const relation = stream && (await this.head(definition)) >= 0 ? await this.relationOf(definition) : undefined
    const { made } = relation === undefined ? {} : await this.recall(definition)
    if (!stream || relation === undefined || !made) return 0
    const offsets = Object.entries(await offsetsIn(await this.#with.database(), stream, relation)).filter(([topic]) => stream.topics.includes(topic))
    for (const [topic, partitions] of offsets) await this.checkpoints().restore({ topic, offsets: partitions, updated_at: made.at, version: made.tableVersion, run_id: made.run, table: key })
    return offsets.length
  }

  /** The asset's own table, for maintenance; undefined where it has none yet. */
  async tableOf(definition: AssetDefinition): Promise<DeltaTable | undefined> {
    if (!isTable(definition) || (await this.head(definition)) < 0) return undefined
    return this.#table(definition.key)
  }

  /** What tells one state of someone else's Delta table from another; undefined where there is no table. */
  async externalHead(location: string): Promise<string | undefined> {
    const table = await this.#tableAt(location)
    if ((await table.head()) < 0) return undefined
    const { version, metadata } = await table.snapshot()
    return `delta:${metadata.id}:${version}`
  }

  /** How much of the asset is in quarantine; undefined where never anything was. */
  async quarantineSummary({ key }: AssetDefinition): Promise<QuarantineSummary | undefined> {
    return quarantineSummary(await this.#quarantine(key), key)
  }

  async quarantinedRows({ key }: AssetDefinition, filter?: QuarantineFilter): Promise<readonly QuarantinedRow[]> {
    return quarantinedRows(await this.#quarantine(key), filter)
  }

  #quarantine(key: AssetKey): Promise<DeltaTable> {
    return this.#tableAt(join(this.#with.lake, QUARANTINE, key))
  }

  #contractOf({ contract }: AssetDefinition): Contract | undefined {
    return this.#with.contracts.get(contract ?? '')
  }

  #unknownOf(definition: AssetDefinition): LandingStageRequest['unknown'] {
    const contract = this.#contractOf(definition)
    const place = contract && `${this.#with.ingestion.unknown}/${contract.source}/${contract.table}`
    return place === undefined ? undefined : { place, table: () => this.#tableAt(join(this.#with.lake, place)) }
  }

  async #table(key: AssetKey): Promise<DeltaTable> {
    let table = this.#tables.get(key)
    if (!table) this.#tables.set(key, (table = await this.#tableAt(this.#folder(key))))
    return table
  }

  async #tableAt(location: string, database?: Database): Promise<DeltaTable> {
    const root = isRemote(location) ? this.#with.folderOf(location) : location
    return new DeltaTable(root, this.#with.logOf(root), database ?? (await this.#with.database()))
  }

  /** Keeps what a run did to masked columns beside the tables. */
  async keepMaskingAudit(audit: MaskingAudit): Promise<void> {
    await writeMaskingAudit(this.#with.lake, audit)
  }

  /** What runs did to the masked columns of a table, newest first. */
  maskingAudits(key: AssetKey, limit?: number): Promise<readonly MaskingAudit[]> {
    return maskingAudits(this.#with.lake, key, limit)
  }

  #folder(key: AssetKey): string {
    return join(this.#with.lake, this.#with.locations.get(key) ?? key)
  }
}

/** So many values are always worth a part, and of more so many of the table's rows. */
const [MOST, WORTH_A_PART] = [1000, 0.25]

const canonicalInputs = (inputs: Materialization['inputs']): string => JSON.stringify(Object.entries(inputs).sort())
