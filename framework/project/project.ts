import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemAlarm, type Alarm } from '../automation/alarm.ts'
import type { Schedule } from '../automation/schedules.ts'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { rejectingReads } from '../definition/row-rules.ts'
import type { GenerateOptions, GeneratedSources, SourceGenerator } from '../definition/source-generator.ts'
import { LocalLogStore } from '../delta/local-log-store.ts'
import { Database } from '../duckdb/database.ts'
import { DuckDbEngine } from '../engines/duckdb-engine.ts'
import { Executor } from '../execution/executor.ts'
import { holderOf } from '../execution/holder.ts'
import type { RunResult } from '../execution/run-result.ts'
import { StepRunner } from '../execution/step-runner.ts'
import { LeasedTurns } from '../execution/turn.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { lineageOf } from '../graph/asset-lineage.ts'
import type { LineageOutcome } from '../graph/column-lineage-batch.ts'
import { columnReads, type ColumnReads } from '../graph/column-reads.ts'
import { columnFacts } from '../graph/column-closure.ts'
import { inheritedTags } from '../graph/inherited-tags.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { selectionOfArguments } from '../graph/selection-arguments.ts'
import { asksColumns } from '../graph/selection-columns.ts'
import { select, selectAny, type SelectionFacts } from '../graph/selection.ts'
import { asksState, type Selection } from '../graph/selection-syntax.ts'
import type { DynamicPartitions, World } from '../partitions/partitions.ts'
import { ticksOf } from '../partitions/ticks.ts'
import { explain, type Explanation } from '../planning/explanation.ts'
import { touchesNewest } from '../planning/freshness-evidence.ts'
import type { Freshness } from '../planning/freshness.ts'
import type { Plan } from '../planning/plan.ts'
import { plan } from '../planning/planner.ts'
import { requireWithin } from '../planning/limit.ts'
import type { Situation } from '../planning/situation.ts'
import { staleCauses } from '../planning/staleness.ts'
import { BatchedEvents } from '../state/batched-events.ts'
import type { EventLog } from '../state/event-log.ts'
import type { RunRecord, RunSummary } from '../state/run-record.ts'
import type { AutomationLog, QueuedRequest, RecordedTrace, ScheduleTick } from '../state/automation-log.ts'
import { SqliteAutomationLog } from '../state/sqlite-automation-log.ts'
import { SqliteEventLog } from '../state/sqlite-event-log.ts'
import { DynamicKeys } from '../storage/dynamic-keys.ts'
import { lakeName } from '../state/state-file.ts'
import { LakeMemory } from '../storage/lake-memory.ts'
import { optimizeTable, vacuumTable, type Optimized, type OptimizeRequest, type VacuumRequest } from '../storage/maintenance.ts'
import type { QuarantinedRow, QuarantineFilter, QuarantineSummary } from '../storage/quarantine.ts'
import { Landing, type KnownFile } from '../storage/landing.ts'
import { observeSources } from '../storage/source-observer.ts'
import { TableStore, type TableVersion } from '../storage/table-store.ts'
import type { Incident } from '../vocabulary/alert.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { throwMistakes } from '../vocabulary/errors.ts'
import { toMillis } from '../vocabulary/duration.ts'
import { stoppedAt, systemClock, type Clock } from '../vocabulary/clock.ts'
import type { Observation } from '../vocabulary/lake-state.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import { Automation, type AutomationOptions } from './automation.ts'
import { answerQuery, type QueryAnswer, type QueryOptions } from './answer-query.ts'
import { Cache } from './cache.ts'
import { projectLineage } from './column-lineage-of-project.ts'
import { datasetsOf } from './lake-datasets.ts'
import { lineageSettings } from './lineage-config.ts'
import type { LineageEvents } from './lineage-events.ts'
import { lineageFindings, type LineageFinding } from './lineage-findings.ts'
import { columnGraph } from './lineage-of-project.ts'
import { guardPersonalData, isPersonal, isWaived } from './personal-data.ts'
import { FreshnessReader } from './freshness-reader.ts'
import { loadFrame, type FrameOptions, type ProjectFrame } from './frame.ts'
import { checkTables, type CheckedTable } from './check-tables.ts'
import { checkContracts } from './load-contracts.ts'
import type { ProjectConfig } from './project-config.ts'
import type { MigrationNote } from './quality-file.ts'
import { missingColumns } from './quality-rules.ts'
import { NoGenerator, NothingInQuarantine, ReleasesSlices } from './project-errors.ts'
import { leftOf } from './retry-request.ts'
import { sliceChooser, sliceNamer } from './slice-chooser.ts'
import { setAside } from './set-aside.ts'
import { varveVersion } from './version.ts'
import { ensureWritableLake } from './writable-lake.ts'

export interface OpenOptions extends FrameOptions {
  /** Stops the clock there. */
  readonly now?: Date | undefined
  /** How many steps run at once, over the configuration's. */
  readonly jobs?: number | undefined
  /** Is told what a person should know and did not ask for. */
  readonly say?: ((message: string) => void) | undefined
}

export interface PlanOptions {
  /** Several are joined by `or`. */
  readonly selection: readonly string[]
  readonly exclude?: readonly string[] | undefined
  readonly force?: boolean | undefined
  /** By asset: of one that has slices only these, as text. */
  readonly slices?: Readonly<Record<AssetKey, string>> | undefined
  /** Of assets that have slices, only these: keys, or ranges `from..to` whose end is exclusive. */
  readonly partitions?: readonly string[] | undefined
  /** Of assets with slices of time, only those between. The end is exclusive. */
  readonly between?: { readonly from: string; readonly to: string } | undefined
  /** Refuse a plan that would read more bytes of tables than this. */
  readonly maxBytes?: number | undefined
  /** Also whatever is downstream of the selection, as far as it is touched. */
  readonly withDownstream?: boolean | undefined
}

export interface RunOptions {
  readonly signal: AbortSignal
  readonly listen: (event: RunEvent) => void
  readonly jobs?: number | undefined
  /** How many slices are made at once, over what the assets say. */
  readonly slicesAtOnce?: number | undefined
}

export interface AutomationStatus {
  /** Each with its newest times and the next. */
  readonly schedules: readonly { readonly schedule: Schedule; readonly ticks: readonly ScheduleTick[]; readonly next: number }[]
  /** Newest first. */
  readonly requests: readonly QueuedRequest[]
  readonly incidents: readonly Incident[]
  /** Times of schedules and of conditions that passed while no daemon ran, newest first. */
  readonly missed: readonly ScheduleTick[]
}

export interface AssetStatus {
  readonly key: AssetKey
  readonly stale: boolean
  readonly causes: readonly StaleCause[]
  readonly lastMaterializedAt?: string | undefined
  readonly tableVersion?: number | undefined
}

/** Opens the project that the working folder lies in. @throws every mistake in its files, with its place. */
export async function openProject(options: OpenOptions = {}): Promise<Project> {
  let database: Promise<Database> | undefined
  const openDatabase = () => (database ??= Database.open())
  const frame = await loadFrame(options, async () => {
    const opened = await openDatabase()
    return { json: sql => opened.use(connection => connection.json(sql)) }
  })
  try {
    await guardPersonalData(frame, async work => (await openDatabase()).use(work))
  } catch (error) {
    await (await database)?.close()
    throw error
  }
  return new Project(frame, options, openDatabase, async () => (await database)?.close())
}

/** An opened project: what it is made of, and what can be asked of it. Close it when done. */
export class Project {
  readonly #frame: ProjectFrame
  readonly #options: OpenOptions
  readonly #database: () => Promise<Database>
  readonly #closeDatabase: () => Promise<void>
  readonly #clock: Clock
  readonly #inspections: Cache<KnownFile>
  readonly #landing: Landing
  readonly #store: TableStore
  readonly #dynamicKeys: DynamicKeys
  #log: EventLog | undefined
  #automation: AutomationLog | undefined
  #outcomes: Promise<ReadonlyMap<string, LineageOutcome>> | undefined
  #reads: ColumnReads | undefined
  #writesSeen = 0

  constructor(frame: ProjectFrame, options: OpenOptions, database: () => Promise<Database>, closeDatabase: () => Promise<void>) {
    this.#frame = frame
    this.#options = options
    this.#database = database
    this.#closeDatabase = closeDatabase
    this.#dynamicKeys = new DynamicKeys(frame.lake)
    this.#clock = options.now ? stoppedAt(options.now) : systemClock
    this.#inspections = new Cache(join(frame.cacheFolder, 'inspections.json'))
    this.#landing = new Landing(frame.lake, {
      get: (location, identity) => this.#inspections.get(`${location} ${identity}`),
      set: (location, identity, known) => this.#inspections.set(`${location} ${identity}`, known),
    })
    this.#store = new TableStore({ lake: frame.lake, root: frame.root, logOf: tableRoot => new LocalLogStore(tableRoot), database, landing: this.#landing, contracts: frame.contracts, services: frame.services })
  }

  get root(): string {
    return this.#frame.root
  }

  get profile(): string {
    return this.#frame.profile
  }

  get config(): ProjectConfig {
    return this.#frame.config
  }

  get lake(): string {
    return this.#frame.lake
  }

  get graph(): AssetGraph {
    return this.#frame.graph
  }

  /** The keys that the selection names, upstreams first; an empty selection is everything. */
  async select(selection: readonly string[], exclude: readonly string[] = []): Promise<AssetKey[]> {
    const wanted = selectionOfArguments(selection, exclude)
    const facts = asksState(wanted) ? await this.#selectionFacts(wanted) : {}
    return select(this.graph, wanted, asksColumns(wanted) ? { ...facts, ...columnFacts(await this.columnLineage()) } : facts)
  }

  /** Works out what to write and why. Looks at the sources that the selection reaches, and refuses what can't be taken in. */
  async plan(options: PlanOptions): Promise<Plan> {
    return (await this.#planned(options)).plan
  }

  explain(work: Plan, key: AssetKey): Explanation {
    return explain(work, key)
  }

  /** Makes what the selection needs, as the plan says that is handed in or worked out. */
  async materialize(options: PlanOptions, running: RunOptions): Promise<RunResult> {
    ensureWritableLake(this.#frame.lake)
    await this.#ensureSources(await this.select(options.selection, options.exclude), running.signal)
    const { plan: work, situation } = await this.#planned(options)
    // To have looked and found nothing new is freshness too, unless only some slices were looked at.
    if (!options.partitions?.length && !options.between && !options.slices) this.#automationLog().looked(work.fresh, situation.world.now.toISOString())
    return this.#run(work, situation, running)
  }

  /** What of a run did not end well, or was never begun: as it was asked for then, and as the lake stands now. */
  async planOfRetry(run: string): Promise<Plan> {
    return (await this.#plannedRetry(run)).plan
  }

  async retry(run: string, running: RunOptions): Promise<RunResult> {
    ensureWritableLake(this.#frame.lake)
    const { plan: work, situation } = await this.#plannedRetry(run)
    return this.#run(work, situation, running)
  }

  /** Drops what is recorded of runs that started before. What the lake's own commits tell stays. */
  pruneRuns(before: Date): number {
    this.#automationLog().prune(before)
    return this.#eventLog().prune(before)
  }

  /** Registers keys of dynamic partitions, and tells how many are new. */
  addPartitionKeys(name: string, keys: readonly string[]): number {
    ensureWritableLake(this.#frame.lake)
    return this.#dynamicKeys.add(name, keys)
  }

  /** What would be written if everything were asked for, asset by asset. */
  async status(selection: readonly string[] = []): Promise<readonly AssetStatus[]> {
    const keys = await this.select(selection)
    const { plan: work, situation } = await this.#planned({ selection: [] }, { tolerant: true })
    const causes = new Map(work.steps.map(step => [step.asset, step.causes]))
    return keys.map(key => {
      const last = situation.state.last(key)
      const stale = causes.get(key) ?? []
      return { key, stale: stale.length > 0, causes: stale, lastMaterializedAt: last?.at, tableVersion: last?.tableVersion }
    })
  }

  /** How new assets are, by their policies. */
  async freshness(selection: readonly string[] = []): Promise<readonly Freshness[]> {
    return this.#freshness().read(await this.select(selection))
  }

  /** Does what schedules and conditions ask for and watches freshness, until it is stopped; or once, what is due now. */
  async automate(options: Omit<AutomationOptions, 'alarm'> & { readonly once?: boolean | undefined }): Promise<void> {
    ensureWritableLake(this.#frame.lake)
    const alarm: Alarm = { now: () => this.#clock.now(), sleepUntil: (instant, signal) => systemAlarm.sleepUntil(instant, signal) }
    const automation = new Automation({
      frame: this.#frame, log: this.#automationLog(), events: this.#eventLog(), reader: this.#freshness(),
      situation: async () => ({ ...(await new LakeMemory(this.#eventLog(), this.#store).view(this.graph, this.graph.keys, [], this.#world())), codeVersions: this.#frame.codeVersions, variables: this.#frame.config.variables }),
      select: selection => selectAny(this.graph, selectionOfArguments(selection)),
      run: (request, signal) => this.materialize({ selection: request.selection, slices: Object.keys(request.slices).length > 0 ? request.slices : undefined }, { signal, listen: () => {} }),
    }, { ...options, alarm })
    await (options.once ? automation.once() : automation.run())
  }

  /** What the daemon has done and will do. */
  automationStatus(): AutomationStatus {
    const now = this.#clock.now().getTime()
    const log = this.#automationLog()
    return {
      schedules: this.#frame.automation.schedules.map(schedule => ({ schedule, ticks: log.ticks(schedule.name, 10), next: ticksOf(schedule.cron, schedule.timezone).next(now) })),
      requests: log.requests(20),
      incidents: log.openIncidents(),
      missed: log.missedTicks(20),
    }
  }

  /** How an asset's condition came to its answers, newest first: one for each time that something in them changed. */
  traces(key: AssetKey, limit?: number): readonly RecordedTrace[] {
    return this.#automationLog().traces(key, limit)
  }

  /** Holds the promises of assets against what is published now, or against an earlier version or time. Writes nothing. */
  async check(selection: readonly string[], against?: string): Promise<readonly CheckedTable[]> {
    const keys = await this.select(selection)
    return checkTables(keys, against, { graph: this.graph, store: this.#store, services: this.#frame.services, engine: new DuckDbEngine(await this.#database()), now: this.#clock.now() })
  }

  async history(key: AssetKey, limit?: number): Promise<readonly TableVersion[]> {
    return this.#store.history(this.graph.get(key), limit)
  }

  async query(sql: string, options: QueryOptions = {}): Promise<QueryAnswer> {
    return answerQuery(sql, options, { graph: this.graph, store: this.#store, lake: this.#frame.lake })
  }

  async lineage(selection: readonly string[] = []): Promise<LineageGraph> {
    return lineageOf(this.graph, await this.select(selection))
  }

  /** The whole project down to the columns. Tags of personal data go along with the values, up to a mask or a waiver. */
  async columnLineage(): Promise<LineageGraph> {
    return inheritedTags(columnGraph(this.#frame, await this.#lineage()), isPersonal, isWaived(this.graph))
  }

  /** The graph as OpenLineage's declarations of jobs and tables, an event a line. */
  async openLineage(graph: LineageGraph): Promise<string> {
    const { openLineage } = await import('../graph/lineage-formats/openlineage.ts')
    return openLineage(graph, { namespace: lineageSettings(this.config.lineage, process.env).namespace, dataset: datasetsOf(this.#frame.lake), at: this.#clock.now() })
  }

  /** What is wrong with the lineage, or not known of it. */
  async checkLineage(): Promise<readonly LineageFinding[]> {
    const outcomes = await this.#lineage()
    return lineageFindings(this.#frame, columnGraph(this.#frame, outcomes), outcomes)
  }

  /** How much of each asset is in quarantine; those of which never anything was are left out. */
  async quarantine(selection: readonly string[] = []): Promise<readonly QuarantineSummary[]> {
    const keys = await this.select(selection)
    const summaries = await Promise.all(keys.filter(key => isTable(this.graph.get(key))).map(key => this.#store.quarantineSummary(this.graph.get(key))))
    return summaries.filter(summary => summary !== undefined)
  }

  /** Rows of an asset that are in quarantine. */
  async quarantined(key: AssetKey, filter?: QuarantineFilter): Promise<readonly QuarantinedRow[]> {
    return this.#store.quarantinedRows(this.graph.get(key), filter)
  }

  /**
   * Runs rows in quarantine again, by the rules as they are now: the asset is made anew, and where it keeps what it had, the rows join what
   * its query gives. What is rejected again stays.
   */
  async release(key: AssetKey, filter: Pick<QuarantineFilter, 'rule' | 'ids'>, running: RunOptions): Promise<RunResult> {
    const definition = this.graph.get(key)
    const rows = await this.#store.quarantinedRows(definition, filter)
    if (rows.length === 0) throw new NothingInQuarantine(key, filter.rule)
    if (definition.partitions) throw new ReleasesSlices(key)
    ensureWritableLake(this.#frame.lake)
    const { plan: work, situation } = await this.#planned({ selection: [key], force: true })
    return this.#run(work, situation, { ...running, release: new Map([[key, rows.map(({ id }) => id)]]) })
  }

  runs(limit?: number): readonly RunSummary[] {
    return this.#eventLog().runs(limit)
  }

  runOf(id: string): RunRecord | undefined {
    return this.#eventLog().run(id)
  }

  /** Packs the files of tables. What they hold stays as it is, so that nothing becomes stale. */
  async optimize(selection: readonly string[], { exclude, ...request }: OptimizeRequest & { readonly exclude?: readonly string[] | undefined }): Promise<readonly Optimized[]> {
    const tables: Optimized[] = []
    for (const key of await this.select(selection, exclude)) {
      const table = await this.#store.tableOf(this.graph.get(key))
      if (table) tables.push(await optimizeTable(key, table, await this.#database(), request))
    }
    return tables
  }

  /** Finds the files of tables that no version within the retention needs, and takes them away where that is asked for. */
  async vacuum(selection: readonly string[], { exclude, ...request }: Omit<VacuumRequest, 'now'> & { readonly exclude?: readonly string[] | undefined }): Promise<readonly { readonly asset: AssetKey; readonly files: readonly string[]; readonly bytes: number }[]> {
    const tables: { readonly asset: AssetKey; readonly files: readonly string[]; readonly bytes: number }[] = []
    for (const key of await this.select(selection, exclude)) {
      const table = await this.#store.tableOf(this.graph.get(key))
      if (!table) continue
      const { files, bytes } = await vacuumTable(table, { ...request, now: this.#clock.now() })
      tables.push({ asset: key, files, bytes })
    }
    return tables
  }

  /** Fills the event log anew from the commits of the lake. The file as it was is kept beside it. */
  async rebuildState(): Promise<{ readonly assets: number; readonly materializations: number }> {
    this.#closeLogs()
    setAside(this.#frame.stateFile)
    return new LakeMemory(this.#eventLog(), this.#store).rebuild(this.graph)
  }

  /** Every file of configuration and every contract, looked at whether an asset needs it or not. @throws all mistakes */
  async checkConfig(): Promise<{ readonly assets: number; readonly contracts: number; readonly rules: number; readonly notes: readonly MigrationNote[] }> {
    const { graph, root, quality } = this.#frame
    const contracts = await checkContracts(root)
    if (quality.rules.length > 0) throwMistakes(missingColumns(quality, await this.#lineage()))
    return { assets: graph.size, contracts, rules: quality.rules.length, notes: quality.notes }
  }

  async generateDemo(options: GenerateOptions): Promise<GeneratedSources> {
    return this.#generator().generate(options)
  }

  async close(): Promise<void> {
    this.#inspections.save()
    this.#closeLogs()
    this.#frame.services.reset()
    await this.#closeDatabase()
  }

  #freshness(): FreshnessReader {
    const { graph, automation } = this.#frame
    return new FreshnessReader({ graph, rules: automation.freshness, store: this.#store, log: () => this.#eventLog(), automationLog: () => this.#automationLog(), world: () => this.#world() })
  }

  async #run(work: Plan, situation: Situation, { signal, listen, jobs, slicesAtOnce, release }: RunOptions & { readonly release?: ReadonlyMap<AssetKey, readonly string[]> }): Promise<RunResult> {
    const { config, profile, contracts, services, graph } = this.#frame
    const run = crypto.randomUUID()
    const events = new BatchedEvents(this.#eventLog())
    const told = await this.#lineageEvents()
    const memory = new LakeMemory(this.#eventLog(), this.#store)
    const informed: Situation = work.steps.length === 0 ? situation : { ...situation, columnReads: situation.columnReads ?? (await this.#columnReads()) }
    if (work.steps.length > 0 && this.#frame.quality.rules.length > 0) throwMistakes(missingColumns(this.#frame.quality, await this.#lineage()))
    const steps = new StepRunner({ store: this.#store, engine: new DuckDbEngine(await this.#database()), services, contracts, variables: config.variables, clock: this.#clock, release })
    const executor = new Executor(steps, {
      jobs: jobs ?? this.#options.jobs ?? config.jobs,
      profile,
      clock: this.#clock,
      retry: config.retry,
      turns: new LeasedTurns(this.#eventLog().leases, holderOf(run), toMillis(config.lease), () => this.#eventLog().writesOfOthers() !== this.#writesSeen),
      settle: () => events.flush(),
      slicesAtOnce,
      refresh: async (asset, { state, ledgers, world }) => {
        const now = await memory.view(graph, [asset], [], world)
        for (const key of [asset, ...graph.upstreamKeysOf(asset)]) {
          const made = now.state.last(key)
          if (made) state.record(made)
        }
        for (const [key, ledger] of now.ledgers) ledgers.set(key, ledger)
      },
    })
    try {
      return await executor.run(work, informed, run, signal, event => {
        events.add(event)
        if (event.type === 'step-fresh' && touchesNewest(graph.get(event.asset), event.partition, event.at, this.#world())) this.#automationLog().looked([event.asset], event.at)
        told?.listen(event)
        listen(event)
      })
    } finally {
      events.flush()
      await told?.close()
    }
  }

  /** Where the configuration wants runs to be told to others. */
  async #lineageEvents(): Promise<LineageEvents | undefined> {
    const settings = lineageSettings(this.config.lineage, process.env)
    if (!settings.enabled) return undefined
    const { lineageEvents } = await import('./lineage-events.ts')
    const database = await this.#database()
    const [{ version } = { version: '' }] = await database.use(connection => connection.json<{ version: string }>('select version() as version'))
    const say = this.#options.say ?? (() => undefined)
    return lineageEvents(this.#frame, settings, { lineage: await this.columnLineage(), engine: { name: 'DuckDB', version }, version: varveVersion(), say })
  }

  async #plannedRetry(id: string): Promise<{ plan: Plan; situation: Situation }> {
    const left = leftOf(this.runOf(id), this.graph)
    const situation = await this.#situation(left.keys, false)
    return { plan: plan(situation, { selection: left.selection, keys: left.keys, force: key => left.forced.has(key), within: left.within }), situation }
  }

  async #planned({ selection, exclude, force, partitions, between, slices, withDownstream, maxBytes }: PlanOptions, { tolerant = false } = {}): Promise<{ plan: Plan; situation: Situation }> {
    const chosen = await this.select(selection, exclude)
    const keys = withDownstream ? this.graph.keys.filter(reachedFrom(this.graph, chosen)) : chosen
    const situation = await this.#situation(keys, tolerant)
    const words = [...(selection.length === 0 ? ['*'] : selection), ...(exclude ?? []).map(text => `--exclude ${text}`)].join(' ')
    const selected = new Set(chosen)
    const within = slices ? sliceNamer(slices) : sliceChooser(this.graph, chosen, { partitions, between }, situation.world)
    const work = plan(situation, { selection: words, keys, force: force && (key => selected.has(key)), within, onlyTouched: withDownstream ? key => !selected.has(key) : undefined })
    requireWithin(work, maxBytes)
    return { plan: work, situation }
  }

  async #situation(keys: readonly AssetKey[], tolerant: boolean): Promise<Situation> {
    const { graph, codeVersions } = this.#frame
    // Noted first: whatever others write from here on makes a run look again.
    this.#writesSeen = this.#eventLog().writesOfOthers()
    const observations = await this.#observations(keys, tolerant)
    const view = await new LakeMemory(this.#eventLog(), this.#store).view(graph, keys, observations, this.#world())
    const situation = { ...view, codeVersions, variables: this.#frame.config.variables }
    // Only where an upstream changed does it matter which of its columns are read.
    const matters = keys.some(key => view.state.last(key)?.scopes && staleCauses(situation, key).some(({ code }) => code === 'data'))
    return matters ? { ...situation, columnReads: await this.#columnReads() } : situation
  }

  async #columnReads(): Promise<ColumnReads> {
    return (this.#reads ??= withRejections(this.graph, columnReads(await this.#lineage())))
  }

  #lineage(): Promise<ReadonlyMap<string, LineageOutcome>> {
    return (this.#outcomes ??= this.#database().then(database => database.use(connection => projectLineage(this.#frame, connection))))
  }

  #world(): World {
    return { now: this.#clock.now(), dynamicKeys: (partitions: DynamicPartitions) => this.#dynamicKeys.of(partitions) }
  }

  async #observations(keys: readonly AssetKey[], tolerant: boolean): Promise<readonly Observation[]> {
    const { graph, services, contracts, root, sources } = this.#frame
    // Before the generator has run there is nothing to look at; what reads it is missing in any case.
    const looked = sources.generated && !existsSync(sources.dir) ? keys.filter(key => graph.get(key).kind !== 'files') : keys
    const externals = looked.flatMap(key => [key, ...graph.upstreamKeysOf(key).filter(upstream => graph.get(upstream).kind === 'external')])
    const definitions = [...new Set(externals)].map(key => graph.get(key)).filter(({ kind }) => kind === 'files' || kind === 'external')
    const observed = await observeSources(definitions, { landing: this.#landing, services, contracts, root, sources: sources.dir, tolerant, deltaHead: location => this.#store.externalHead(location) })
    this.#inspections.save()
    return [...observed.values()]
  }

  /** Fills the sources' folder where nobody named one: a first run needs nothing but the project. */
  async #ensureSources(keys: readonly AssetKey[], signal: AbortSignal): Promise<void> {
    const { sources, config, graph, generatorModule } = this.#frame
    if (!sources.generated || existsSync(sources.dir) || !generatorModule || !keys.some(key => graph.get(key).kind === 'files')) return
    const { customers, seed } = config.sources.demo
    this.#options.say?.(`No sources.dir is configured: inventing the exports of ${customers} customers in ${sources.dir}.`)
    await this.#generator().generate({ customers, seed, dir: sources.dir, signal })
  }

  #generator(): SourceGenerator {
    const generator = this.#frame.generatorModule?.['generator'] as SourceGenerator | undefined
    if (!generator) throw new NoGenerator()
    return generator
  }

  async #selectionFacts(wanted: Selection): Promise<SelectionFacts> {
    const found = asksState(wanted, ['fresh']) ? await this.#freshness().read(this.graph.keys) : []
    const states = new Map(found.map(({ asset, state }) => [asset, state]))
    const freshness: SelectionFacts = { freshness: key => states.get(key) ?? 'none' }
    return asksState(wanted, ['stale', 'changed', 'check']) ? { ...freshness, ...(await this.#planFacts()) } : freshness
  }

  async #planFacts(): Promise<SelectionFacts> {
    const { plan: work, situation } = await this.#planned({ selection: [] }, { tolerant: true })
    const stale = new Set(work.steps.map(({ asset }) => asset))
    const failed = new Set(this.#eventLog().checkResults().filter(({ passed }) => !passed).map(({ asset }) => asset))
    return {
      stale: key => stale.has(key),
      changed: key => staleCauses(situation, key).some(({ code }) => code === 'code' || code === 'write' || code === 'dependencies'),
      checkFailed: key => failed.has(key),
    }
  }

  #closeLogs(): void {
    this.#automation?.close()
    this.#log?.close()
    this.#automation = undefined
    this.#log = undefined
  }

  #automationLog(): AutomationLog {
    return (this.#automation ??= new SqliteAutomationLog(this.#frame.stateFile, { lake: lakeName(this.#frame.lake) }))
  }

  #eventLog(): EventLog {
    return (this.#log ??= new SqliteEventLog(this.#frame.stateFile, { lake: lakeName(this.#frame.lake) }))
  }
}

/** Whether an asset is one of these, or downstream of one. Asked in the graph's order, upstreams first. */
function reachedFrom(graph: AssetGraph, keys: readonly AssetKey[]): (key: AssetKey) => boolean {
  const reached = new Set(keys)
  return key => {
    if (!reached.has(key) && graph.upstreamKeysOf(key).some(upstream => reached.has(upstream))) reached.add(key)
    return reached.has(key)
  }
}

const isTable = ({ kind }: AssetDefinition): boolean => kind === 'sql' || kind === 'rows'

/** What decides on rejections is in no query: an asset that is asked by a rule counts as read whole. */
function withRejections(graph: AssetGraph, reads: ColumnReads): ColumnReads {
  return new Map([...reads].map(([key, upstreams]) => {
    const asked = new Set(rejectingReads(graph.get(key).checks))
    return [key, new Map([...upstreams].filter(([upstream]) => !asked.has(upstream)))] as const
  }))
}
