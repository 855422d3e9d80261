import { existsSync } from 'node:fs'
import type { SourceGenerator } from '../definition/source-generator.ts'
import { Executor } from '../execution/executor.ts'
import { holderOf } from '../vocabulary/holder.ts'
import type { RunResult } from '../execution/run-result.ts'
import { StepRunner } from '../execution/step-runner.ts'
import { LeasedTurns } from '../execution/turn.ts'
import { touchesNewest } from '../planning/freshness-evidence.ts'
import type { Plan } from '../planning/plan.ts'
import type { Situation } from '../planning/situation.ts'
import { BatchedEvents } from '../state/batched-events.ts'
import { LakeMemory } from '../storage/lake-memory.ts'
import type { SourceObservation } from '../storage/landing.ts'
import { leftOutOf } from '../storage/landing-stage.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { throwMistakes } from '../vocabulary/errors.ts'
import { toMillis } from '../vocabulary/duration.ts'
import { wantsAthena } from './athena-config.ts'
import { AthenaTables } from './athena-tables.ts'
import { checkKnowledge } from './check-knowledge.ts'
import { lineageSettings } from './lineage-config.ts'
import { Engines } from './engines.ts'
import type { LineageEvents } from './lineage-events.ts'
import { missingColumns } from './quality-rules.ts'
import { NoGenerator } from './project-errors.ts'
import { varveVersion } from './version.ts'
import type { Parts } from './parts.ts'
import type { Plans } from './plans.ts'
import type { ProjectLineage } from './project-lineage.ts'
import type { RunOptions } from './requests.ts'

/** Carries out plans, and tells of it. */
export class Runs {
  readonly #parts: Parts
  readonly #plans: Plans
  readonly #lineage: ProjectLineage

  constructor(parts: Parts, plans: Plans, lineage: ProjectLineage) {
    this.#parts = parts
    this.#plans = plans
    this.#lineage = lineage
  }

  /** Carries out a plan. Every event is kept in the log and told to who listens. */
  async run(work: Plan, situation: Situation, { signal, listen, progress, jobs, slicesAtOnce, release }: RunOptions & { readonly release?: ReadonlyMap<AssetKey, readonly string[]> }): Promise<RunResult> {
    const { config, profile, contracts, services, graph } = this.#parts.frame
    this.#ensureSecrets(work.steps.map(({ asset }) => asset))
    this.#sayWhatIsLeftOut(work.fresh, situation)
    const run = crypto.randomUUID()
    const events = new BatchedEvents(this.#parts.eventLog())
    const told = await this.#lineageEvents()
    const memory = new LakeMemory(this.#parts.eventLog(), this.#parts.store)
    const informed: Situation = work.steps.length === 0 ? situation : { ...situation, columnReads: situation.columnReads ?? (await this.#lineage.columnReads()) }
    if (work.steps.length > 0 && this.#parts.frame.quality.rules.length > 0) throwMistakes(missingColumns(this.#parts.frame.quality, await this.#lineage.outcomes()))
    const engines = new Engines(this.#parts)
    const tables = wantsAthena(config.athena, process.env) ? new AthenaTables(this.#parts) : undefined
    const steps = new StepRunner({ published: tables && ((asset, log) => tables.told(asset, log)), store: this.#parts.store, engineOf: asset => engines.of(asset), services, contracts, variables: config.variables, clock: this.#parts.clock, knowledge: checkKnowledge(this.#parts, this.#lineage), release })
    const executor = new Executor(steps, {
      jobs: jobs ?? this.#parts.options.jobs ?? config.jobs,
      profile,
      clock: this.#parts.clock,
      retry: config.retry,
      turns: new LeasedTurns(this.#parts.eventLog().leases, holderOf(run), toMillis(config.lease), () => this.#plans.othersWrote),
      settle: () => events.flush(),
      slicesAtOnce,
      progress,
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
        if (event.type === 'step-fresh' && !event.held && touchesNewest(graph.get(event.asset), event.partition, event.at, this.#parts.world())) this.#parts.automationLog().looked([event.asset], event.at)
        told?.listen(event)
        listen(event)
      })
    } finally {
      engines.close()
      tables?.close()
      events.flush()
      await told?.close()
    }
  }

  /** Fills the sources' folder where nobody named one: a first run needs nothing but the project. */
  async ensureSources(keys: readonly AssetKey[], signal: AbortSignal): Promise<void> {
    const { sources, config, graph, generatorModule } = this.#parts.frame
    if (!sources.generated || existsSync(sources.dir) || !generatorModule || !keys.some(key => graph.get(key).kind === 'files')) return
    const { customers, seed } = config.sources.demo
    this.#parts.options.say?.(`No sources.dir is configured: inventing the exports of ${customers} customers in ${sources.dir}.`)
    await this.generator().generate({ customers, seed, dir: sources.dir, signal })
  }

  /** What a step would log of its source, of the sources that no step looks at. */
  #sayWhatIsLeftOut(fresh: readonly AssetKey[], { state }: Situation): void {
    for (const key of fresh) {
      const { repeated = [], left = [] } = (state.observationOf(key) ?? {}) as Partial<SourceObservation>
      for (const note of leftOutOf({ repeated, left })) this.#parts.options.say?.(`${key}: ${note}`)
    }
  }

  /** Nothing is begun that could not be ended. @throws the secret's mistake */
  #ensureSecrets(keys: readonly AssetKey[]): void {
    const made = new Set(keys)
    for (const secret of new Set(this.#parts.frame.queries.flatMap(({ definition, secrets }) => (made.has(definition.key) ? secrets : [])))) secret.reveal()
  }

  /** @throws {NoGenerator} where the project brings none */
  generator(): SourceGenerator {
    const generator = this.#parts.frame.generatorModule?.['generator'] as SourceGenerator | undefined
    if (!generator) throw new NoGenerator()
    return generator
  }

  /** Where the configuration wants runs to be told to others. */
  async #lineageEvents(): Promise<LineageEvents | undefined> {
    const settings = lineageSettings(this.#parts.frame.config.lineage, process.env)
    if (!settings.enabled) return undefined
    const { lineageEvents } = await import('./lineage-events.ts')
    const database = await this.#parts.database()
    const [{ version } = { version: '' }] = await database.use(connection => connection.json<{ version: string }>('select version() as version'))
    const say = this.#parts.options.say ?? (() => undefined)
    return lineageEvents(this.#parts.frame, settings, { lineage: await this.#lineage.graph(), engine: { name: 'DuckDB', version }, version: varveVersion(), now: this.#parts.clock.now(), say })
  }
}
