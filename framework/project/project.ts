import type { GenerateOptions, GeneratedSources } from '../definition/source-generator.ts'
import { Database } from '../duckdb/database.ts'
import { withLazyConnection } from '../duckdb/lazy-connection.ts'
import { DuckDbEngine } from '../engines/duckdb-engine.ts'
import type { SettledApplication } from '../engines/emr-application.ts'
import type { JobFacts } from '../engines/engine.ts'
import type { RunResult } from '../execution/run-result.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { lineageOf } from '../graph/asset-lineage.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { explain, type Explanation } from '../planning/explanation.ts'
import type { Freshness } from '../planning/freshness.ts'
import { isCheckOnly, type Plan } from '../planning/plan.ts'
import type { RecordedCheck } from '../state/event-log.ts'
import type { RunRecord, RunSummary } from '../state/run-record.ts'
import type { RecordedTrace } from '../state/automation-log.ts'
import type { Optimized, OptimizeRequest, VacuumRequest } from '../storage/maintenance.ts'
import type { MaskingAudit } from '../storage/masking-audit.ts'
import type { QuarantinedRow, QuarantineFilter, QuarantineSummary } from '../storage/quarantine.ts'
import type { ReplayFrom } from '../storage/checkpoints.ts'
import type { TableVersion } from '../storage/table-store.ts'
import type { ReplicatedTable } from '../storage/replica.ts'
import type { LifecycleDiff } from './bucket-lifecycle.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { throwMistakes } from '../vocabulary/errors.ts'
import type { AthenaQueryOptions } from './answer-on-athena.ts'
import { answerQuery, type QueryAnswer, type QueryOptions } from './answer-query.ts'
import { datasetsOf } from './lake-datasets.ts'
import { lineageSettings } from './lineage-config.ts'
import type { LineageFinding } from './lineage-findings.ts'
import { guardPersonalData } from './personal-data.ts'
import { loadFrame } from './frame.ts'
import { checkKnowledge } from './check-knowledge.ts'
import { checkTables, type CheckedTable } from './check-tables.ts'
import { checkContracts } from './load-contracts.ts'
import type { ProjectConfig } from './project-config.ts'
import type { DailyCost } from './job-costs.ts'
import type { MigrationNote } from './quality-file.ts'
import { missingColumns } from './quality-rules.ts'
import { UnknownTopic } from './project-errors.ts'
import { reconcileSinks, type ReconciledSink } from './reconcile-sinks.ts'
import { ensureWritableLake } from './writable-lake.ts'
import { ensureEncryptedLake } from './encrypted-lake.ts'
import { Parts } from './parts.ts'
import { Plans } from './plans.ts'
import { ProjectAutomation, type AutomateOptions } from './project-automation.ts'
import { ProjectLineage } from './project-lineage.ts'
import { ProjectQuarantine } from './project-quarantine.ts'
import { ProjectUpkeep, type RebuiltState } from './project-upkeep.ts'
import { Runs } from './runs.ts'
import { maintained, packed } from './scheduled-maintenance.ts'
import type { Maintained, VacuumedTable } from './table-maintenance.ts'
import type { OpenOptions, PlanOptions, RunOptions, AutomationStatus, AssetStatus } from './requests.ts'

export type { OpenOptions, PlanOptions, RunOptions, AutomationStatus, AssetStatus }

/** Opens the project that the working folder lies in. @throws every mistake in its files, with its place. */
export async function openProject(options: OpenOptions = {}): Promise<Project> {
  let database: Promise<Database> | undefined
  const openDatabase = () => (database ??= Database.open())
  const frame = await loadFrame(options, async () => {
    const opened = await openDatabase()
    return { json: sql => opened.use(connection => connection.json(sql)) }
  })
  try {
    await guardPersonalData(frame, work => withLazyConnection(openDatabase, work))
  } catch (error) {
    await (await database)?.close()
    throw error
  }
  return new Project(new Parts(frame, options, openDatabase, async () => (await database)?.close()))
}

/** An opened project: what it is made of, and what can be asked of it. Close it when done. */
export class Project {
  readonly #parts: Parts
  readonly #lineage: ProjectLineage
  readonly #plans: Plans
  readonly #runs: Runs
  readonly #automation: ProjectAutomation
  readonly #quarantine: ProjectQuarantine
  readonly #upkeep: ProjectUpkeep

  constructor(parts: Parts) {
    this.#parts = parts
    this.#lineage = new ProjectLineage(parts)
    this.#plans = new Plans(parts, this.#lineage)
    this.#runs = new Runs(parts, this.#plans, this.#lineage)
    this.#automation = new ProjectAutomation(parts)
    this.#quarantine = new ProjectQuarantine(parts, this.#plans, this.#runs)
    this.#upkeep = new ProjectUpkeep(parts)
  }

  get root(): string {
    return this.#parts.frame.root
  }

  get profile(): string {
    return this.#parts.frame.profile
  }

  get config(): ProjectConfig {
    return this.#parts.frame.config
  }

  get lake(): string {
    return this.#parts.frame.lake
  }

  /** The folder of this machine in which the files of a lake that is elsewhere are worked on. */
  get mirror(): string | undefined {
    const { lake, lakeFolder } = this.#parts.frame
    return lake === lakeFolder ? undefined : lakeFolder
  }

  get graph(): AssetGraph {
    return this.#parts.frame.graph
  }

  /** The keys that the selection names, upstreams first; an empty selection is everything. */
  select(selection: readonly string[], exclude?: readonly string[]): Promise<AssetKey[]> {
    return this.#plans.select(selection, exclude)
  }

  /** Works out what to write and why. Looks at the sources that the selection reaches, and refuses what can't be taken in. */
  async plan(options: PlanOptions): Promise<Plan> {
    return (await this.#plans.planned(options)).plan
  }

  explain(work: Plan, key: AssetKey): Explanation {
    return explain(work, key)
  }

  /** Makes what the selection needs, as the plan says that is handed in or worked out. */
  async materialize(options: PlanOptions, running: RunOptions): Promise<RunResult> {
    await this.#ensureWritable()
    await this.#runs.ensureSources(await this.select(options.selection, options.exclude), running.signal)
    const { plan: work, situation } = await this.#plans.planned(options)
    // To have looked and found nothing new is freshness too, unless only some slices were looked at.
    if (!options.partitions?.length && !options.between && !options.slices) this.#parts.automationLog().looked([...work.fresh, ...work.steps.filter(isCheckOnly).map(step => step.asset)], situation.world.now.toISOString())
    return this.#runs.run(work, situation, running)
  }

  /** What of a run did not end well, or was never begun: as it was asked for then, and as the lake stands now. */
  async planOfRetry(run: string): Promise<Plan> {
    return (await this.#plans.plannedRetry(run)).plan
  }

  async retry(run: string, running: RunOptions): Promise<RunResult> {
    await this.#ensureWritable()
    const { plan: work, situation } = await this.#plans.plannedRetry(run)
    return this.#runs.run(work, situation, running)
  }

  /** What jobs on other machines cost since an instant, asset by asset and day by day. Bills that were not made yet are asked for again. */
  async costs(since: Date, selection: readonly string[] = []): Promise<readonly DailyCost[]> {
    return this.#upkeep.costs(since, await this.select(selection))
  }

  /** Drops what is recorded of runs that started before. What the lake's own commits tell stays. */
  pruneRuns(before: Date): number {
    return this.#upkeep.pruneRuns(before)
  }

  /** Registers keys of dynamic partitions, and tells how many are new. */
  async addPartitionKeys(name: string, keys: readonly string[]): Promise<number> {
    await this.#ensureWritable()
    return this.#parts.dynamicKeys.add(name, keys)
  }

  /** What would be written if everything were asked for, asset by asset. */
  async status(selection: readonly string[] = []): Promise<readonly AssetStatus[]> {
    const keys = await this.select(selection)
    const { plan: work, situation } = await this.#plans.planned({ selection: [] }, 'leave out')
    const causes = new Map(work.steps.filter(step => !isCheckOnly(step)).map(step => [step.asset, step.causes]))
    return keys.map(key => {
      const last = situation.state.last(key)
      const stale = causes.get(key) ?? []
      return { key, stale: stale.length > 0, causes: stale, lastMaterializedAt: last?.at, tableVersion: last?.tableVersion }
    })
  }

  /** How new assets are, by their policies. */
  async freshness(selection: readonly string[] = []): Promise<readonly Freshness[]> {
    return this.#parts.freshness().read(await this.select(selection))
  }

  /** Does what schedules and conditions ask for and watches freshness, until it is stopped; or once, what is due now. */
  async automate(options: AutomateOptions): Promise<void> {
    await this.#ensureWritable()
    return this.#automation.automate(options, {
      run: (request, signal) => this.materialize({ selection: request.selection, keepGoing: true, slices: Object.keys(request.slices).length > 0 ? request.slices : undefined }, { signal, listen: () => {} }),
      maintain: () => maintained(this, this.config.maintenance!),
      pack: assets => packed(this, assets),
    })
  }

  /** What the daemon has done and will do. */
  automationStatus(): AutomationStatus {
    return this.#automation.status()
  }

  /** How an asset's condition came to its answers, newest first: one for each time that something in them changed. */
  traces(key: AssetKey, limit?: number): readonly RecordedTrace[] {
    return this.#parts.automationLog().traces(key, limit)
  }

  /** Holds the promises of assets against what is published now, or against an earlier version or time. Writes nothing. */
  async check(selection: readonly string[], against?: string, { engine = 'duckdb' }: { readonly engine?: 'duckdb' | 'athena' | undefined } = {}): Promise<readonly CheckedTable[]> {
    const keys = await this.select(selection)
    const { services, contracts } = this.#parts.frame
    const athena = engine === 'athena' ? new (await import('./check-on-athena.ts')).CheckOnAthena(this.#parts) : undefined
    try {
      return await checkTables(keys, against, { graph: this.graph, store: this.#parts.store, services, contracts, engine: new DuckDbEngine(await this.#parts.database()), now: this.#parts.clock.now(), knowledge: checkKnowledge(this.#parts, this.#lineage), counting: athena?.count })
    } finally {
      athena?.close()
    }
  }

  async history(key: AssetKey, limit?: number): Promise<readonly TableVersion[]> {
    return this.#parts.store.history(this.graph.get(key), limit)
  }

  /** What checks found of the published versions of an asset's table, newest version first. */
  checkHistory(key: AssetKey): readonly RecordedCheck[] {
    return this.#parts.eventLog().checkHistory(this.graph.get(key).key)
  }

  async query(sql: string, options: QueryOptions = {}): Promise<QueryAnswer> {
    return answerQuery(sql, options, { graph: this.graph, store: this.#parts.store, lake: this.#parts.frame.lakeFolder })
  }

  /** Has Athena answer a query in its own words, over the tables as Glue knows them; those that are named are registered first. */
  async queryOnAthena(sql: string, options: AthenaQueryOptions = {}): Promise<QueryAnswer & { readonly job: JobFacts }> {
    const { answerOnAthena } = await import('./answer-on-athena.ts')
    return answerOnAthena(sql, options, this.#parts)
  }

  async lineage(selection: readonly string[] = []): Promise<LineageGraph> {
    return lineageOf(this.graph, await this.select(selection))
  }

  /** The whole project down to the columns. Tags of personal data go along with the values, up to a mask or a waiver. */
  columnLineage(): Promise<LineageGraph> {
    return this.#lineage.graph()
  }

  /** The graph as OpenLineage's declarations of jobs and tables, an event a line. */
  async openLineage(graph: LineageGraph): Promise<string> {
    const { openLineage } = await import('../graph/lineage-formats/openlineage.ts')
    return openLineage(graph, { namespace: lineageSettings(this.config.lineage, process.env).namespace, dataset: datasetsOf(this.#parts.frame.lake, this.#parts.frame.locations), at: this.#parts.clock.now() })
  }

  /** What is wrong with the lineage, or not known of it. */
  checkLineage(): Promise<readonly LineageFinding[]> {
    return this.#lineage.findings()
  }

  /** How much of each asset is in quarantine; those of which never anything was are left out. */
  async quarantine(selection: readonly string[] = []): Promise<readonly QuarantineSummary[]> {
    return this.#quarantine.summaries(await this.select(selection))
  }

  /** Compares warehouses with the lake, part by part. Sinks that can't be compared are left out. */
  async reconcile(selection: readonly string[], signal: AbortSignal): Promise<readonly ReconciledSink[]> {
    const keys = await this.select(selection)
    const { situation } = await this.#plans.planned({ selection: [] }, 'leave out')
    return reconcileSinks(keys.map(key => this.graph.get(key)), situation, this.#parts, signal)
  }

  /** What runs did to masked columns: the newest audits of each asset that has some. */
  async maskingAudits(selection: readonly string[] = [], limit = 1): Promise<readonly MaskingAudit[]> {
    const keys = await this.select(selection)
    return (await Promise.all(keys.map(key => this.#parts.store.maskingAudits(key, limit)))).flat()
  }

  /** Rows of an asset that are in quarantine. */
  quarantined(key: AssetKey, filter?: QuarantineFilter): Promise<readonly QuarantinedRow[]> {
    return this.#quarantine.rows(key, filter)
  }

  /** Runs rows in quarantine again, by the rules as they are now. What is rejected again stays. */
  release(key: AssetKey, filter: Pick<QuarantineFilter, 'rule' | 'ids'>, running: RunOptions): Promise<RunResult> {
    return this.#quarantine.release(key, filter, running, () => this.#ensureWritable())
  }

  /** Reads a topic again from where it is said, once the old checkpoint is in the archive. What its table holds already is not doubled. */
  async replayStream(topic: string, from: ReplayFrom, running: RunOptions): Promise<RunResult> {
    const streams = this.graph.keys.map(key => this.graph.get(key)).filter(({ stream }) => stream !== undefined)
    const definition = streams.find(({ stream }) => stream!.topics.includes(topic))
    if (!definition) throw new UnknownTopic(topic, streams.flatMap(({ stream }) => stream!.topics))
    ensureWritableLake(this.#parts.frame.lakeFolder)
    const { plan: work, situation } = await this.#plans.planned({ selection: [`+${definition.key}`], force: true })
    await this.#parts.store.checkpoints().askReplay(topic, from, this.#parts.clock.now())
    return this.#runs.run(work, situation, running)
  }

  runs(limit?: number): readonly RunSummary[] {
    return this.#parts.eventLog().runs(limit)
  }

  runOf(id: string): RunRecord | undefined {
    return this.#parts.eventLog().run(id)
  }

  /** Packs the files of tables. What they hold stays as it is, so that nothing becomes stale. */
  async optimize(selection: readonly string[], { exclude, ...request }: OptimizeRequest & Excluding): Promise<Maintained<Optimized>> {
    return this.#upkeep.tables().optimize(await this.select(selection, exclude), request)
  }

  /** Finds the files of tables that no version within the retention needs, and takes them away where that is asked for. */
  async vacuum(selection: readonly string[], { exclude, ...request }: Omit<VacuumRequest, 'now'> & Excluding): Promise<Maintained<VacuumedTable>> {
    return this.#upkeep.tables().vacuum(await this.select(selection, exclude), request)
  }

  /** Up to which version a copy of the lake can be read, table by table; what was never made is left out. */
  async verifyReplica(place: string, selection: readonly string[] = [], exclude?: readonly string[]): Promise<readonly ReplicatedTable[]> {
    return this.#upkeep.verifyReplica(place, await this.select(selection, exclude))
  }

  /** The profile's application of EMR Serverless, as the configuration wants it; with `apply` it is made so. */
  application(apply: boolean): Promise<SettledApplication> {
    return this.#upkeep.application(apply)
  }

  /** The bucket's lifecycle rules, as the configuration wants them; with `apply` they are set. */
  lifecycle(apply: boolean): Promise<Lifecycle & LifecycleDiff> {
    return this.#upkeep.lifecycle(apply)
  }

  /** Fills the event log anew from the commits of the lake, and mirrors the watermarks anew. The log's file as it was is kept beside it. */
  rebuildState(): Promise<RebuiltState> {
    return this.#upkeep.rebuildState()
  }

  /** Every file of configuration and every contract, looked at whether an asset needs it or not. @throws all mistakes */
  async checkConfig(): Promise<{ readonly assets: number; readonly contracts: number; readonly rules: number; readonly notes: readonly MigrationNote[] }> {
    const { graph, root, quality, registryNotes } = this.#parts.frame
    const contracts = await checkContracts(root)
    if (quality.rules.length > 0) throwMistakes(missingColumns(quality, await this.#lineage.outcomes()))
    return { assets: graph.size, contracts, rules: quality.rules.length, notes: [...registryNotes, ...quality.notes] }
  }

  async generateDemo(options: GenerateOptions): Promise<GeneratedSources> {
    return this.#runs.generator().generate(options)
  }

  /** Before anything else happens, so that a run does not find out at its end. */
  async #ensureWritable(): Promise<void> {
    const { lake, lakeFolder, config } = this.#parts.frame
    ensureWritableLake(lakeFolder)
    await ensureEncryptedLake(lake, config.aws)
  }

  async close(): Promise<void> {
    this.#parts.inspections.save()
    this.#parts.closeLogs()
    this.#parts.frame.services.reset()
    await this.#parts.closeDatabase()
    await this.#parts.lake.close()
  }

}

interface Excluding {
  readonly exclude?: readonly string[] | undefined
}

