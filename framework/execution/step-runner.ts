import type { ContainerInstance } from 'typedi'
import { isTable, type AssetDefinition } from '../definition/asset-definition.ts'
import type { Contract } from '../definition/contract.ts'
import { NoContract, variableOf, type RunContext, type Variable } from '../definition/run-context.ts'
import type { Engine, EngineInput, EngineSession } from '../engines/engine.ts'
import { readsItself } from '../graph/sliced-edges.ts'
import type { Partitions } from '../partitions/partitions.ts'
import { includes, type SliceSet } from '../partitions/slice-set.ts'
import { slicesText } from '../partitions/slice-text.ts'
import { existingSlices, windowsOf } from '../partitions/slices.ts'
import { cutsFor } from '../graph/column-reads.ts'
import { scopesOf } from '../planning/column-scope.ts'
import { writeVersionOf } from '../planning/code-version.ts'
import { inputVersions } from '../planning/input-versions.ts'
import { isCheckOnly, type Step } from '../planning/plan.ts'
import type { Situation } from '../planning/situation.ts'
import type { Candidate } from '../storage/candidate.ts'
import type { StageRequest, TableStore } from '../storage/table-store.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import type { Clock } from '../vocabulary/clock.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { toMillis } from '../vocabulary/duration.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { JobFacts } from '../vocabulary/job-facts.ts'
import type { StepCounts, StepStages } from '../vocabulary/run-event.ts'
import { NO_GUARANTEES } from '../graph/query-guarantees.ts'
import { stops } from '../vocabulary/check-result.ts'
import { holdChecks, runChecks, type CheckWork } from './check-runner.ts'
import { questionsOf } from './check-questions.ts'
import type { CheckKnowledge } from './check-knowledge.ts'
import { CheckFailed } from './execution-errors.ts'
import { keptAt } from './new-rows.ts'
import { passRateResult } from './pass-rate.ts'
import { readSince, readThen } from './read-since.ts'
import { isFreshNow, leavesAllFresh, staleNow } from './stale-now.ts'
import { readsOf as readsOfRule } from './violations.ts'
import type { Turn } from './turn.ts'

/** What a step needs of the project around it. */
export interface StepCollaborators {
  readonly store: TableStore
  /** The engine that makes an asset. */
  readonly engineOf: (asset: AssetKey) => Promise<Engine>
  readonly services: ContainerInstance
  readonly contracts: ReadonlyMap<string, Contract>
  readonly variables: Readonly<Record<string, Variable>>
  readonly clock: Clock
  readonly knowledge: CheckKnowledge
  /** Rows in quarantine, by asset, that are to be run again. */
  readonly release?: ReadonlyMap<AssetKey, readonly string[]> | undefined
  /** Told that an asset has a version; what comes of that takes nothing back. */
  readonly published?: ((asset: AssetKey, log: (message: string) => void) => Promise<void>) | undefined
}

/** Hears of what happens inside a step. */
export interface StepListener {
  log(message: string): void
  /** Absent where nobody wants to know. */
  readonly progress?: ((progress: { readonly ratio?: number | undefined; readonly rows?: number | undefined }) => void) | undefined
  staged(candidate: Candidate): void
  /** A job on other machines has ended, well or not. */
  ran(job: JobFacts): void
  checked(result: CheckResult): void
}

/** The run that a step is part of, and its turn on the asset. */
export interface StepOfRun {
  readonly situation: Situation
  readonly run: string
  readonly signal: AbortSignal
  readonly turn: Turn
}

export type StepOutcome =
  /** `held`: its promises were held against the version that is published, because only they had changed. */
  | { readonly status: 'fresh'; readonly held?: { readonly checks: string; readonly tableVersion: number } | undefined }
  | { readonly status: 'materialized'; readonly materialization: Materialization; readonly counts: StepCounts; readonly unchanged: boolean; readonly stages: StepStages }

/** Writes one slice of one asset: stage it, hold its promises against the candidate, publish it. */
export class StepRunner {
  readonly #collaborators: StepCollaborators

  constructor(collaborators: StepCollaborators) {
    this.#collaborators = collaborators
  }

  /** @throws {CheckFailed} where a promise of severity `error` is broken; then nothing was published. */
  async run(planned: Step, { situation, run, signal, turn }: StepOfRun, listener: StepListener): Promise<StepOutcome> {
    crashpoint('step-begun')
    if (isCheckOnly(planned)) return this.#checkOnly(planned, situation, signal, listener)
    // The plan could only say that an upstream would be written. Now it has been, perhaps with the data that it had before; and another
    // run may have done the work while this one waited.
    const asked = planned.causes.some(cause => cause.code === 'forced')
    const mayBeFresh = turn.again || planned.slices || planned.causes.every(cause => cause.code === 'upstream' || cause.code === 'data')
    if (mayBeFresh && !asked && isFreshNow(situation, planned)) return { status: 'fresh' }
    const step = asked || planned.rebuild ? planned : staleNow(situation, planned)

    const { graph, state } = situation
    const definition = graph.get(step.asset)
    const inputs = inputVersions(graph, state, step.asset)
    const read = Object.fromEntries(graph.upstreamKeysOf(step.asset).flatMap(key => (state.last(key) ? [[key, state.last(key)!.tableVersion]] : []))) as Record<AssetKey, number>
    const scopes = scopesOf(situation, step.asset)
    const allFresh = leavesAllFresh(situation, step) || undefined
    const { candidate, checks, variables, makeMs, checkMs } = await this.#stageAndCheck(step, definition, situation, run, signal, listener)
    crashpoint('candidate-checked')
    const broken = checks.filter(stops)
    try {
      if (broken.length > 0) throw new CheckFailed(step.asset, broken, state.last(step.asset)?.tableVersion)
      signal.throwIfAborted()
      turn.assertHeld()
    } catch (error) {
      await candidate.discard()
      crashpoint('candidate-discarded')
      throw error
    }
    const provenance = {
      run,
      asset: step.asset,
      at: this.#momentOf(candidate, state.last(step.asset)),
      codeVersion: step.codeVersion,
      write: writeVersionOf(definition),
      checks: situation.checkVersions?.get(step.asset) ?? '',
      partition: step.partition,
      changed: step.slices && changedText(definition, candidate, step),
      allFresh,
      dataVersion: candidate.dataVersion,
      content: candidate.content,
      inputs,
      read,
      variables: definition.kind === 'sql' || variables.size === 0 ? undefined : Object.fromEntries(variables),
      cuts: candidate.cuts,
      scopes,
      watermark: candidate.watermark,
      offsets: candidate.offsets,
      rows: candidate.rows,
      bytes: candidate.tableBytes,
    }
    const checked = performance.now()
    const tableVersion = await candidate.publish(provenance)
    const commitMs = since(checked)
    crashpoint('commit-made')
    await this.#collaborators.published?.(step.asset, message => listener.log(message))
    const materialization: Materialization = { ...provenance, tableVersion }
    const audited = definition.checks.flatMap(({ name, rule }) => {
      const values = rule.kind === 'masked' ? checks.find(({ check }) => check === name)?.values : undefined
      return rule.kind === 'masked' && values ? [{ column: rule.column, ...values }] : []
    })
    if (audited.length > 0) await this.#collaborators.store.keepMaskingAudit({ version: 1, asset: step.asset, run, tableVersion, at: provenance.at, rows: candidate.rows, columns: audited })
    return { status: 'materialized', materialization, counts: candidate.counts, unchanged: candidate.unchanged, stages: { makeMs, checkMs, commitMs } }
  }

  /** Now; but what confirms a version comes after what it confirms, even if the clock jumped back in between. */
  #momentOf({ unchanged }: Candidate, last: Materialization | undefined): string {
    const now = this.#collaborators.clock.now().toISOString()
    return unchanged && last && last.at > now ? last.at : now
  }

  async #stageAndCheck(step: Step, definition: AssetDefinition, situation: Situation, run: string, signal: AbortSignal, listener: StepListener): Promise<{ candidate: Candidate; checks: readonly CheckResult[]; variables: ReadonlyMap<string, string>; makeMs: number; checkMs: number }> {
    const began = performance.now()
    const { store, engineOf, services, release } = this.#collaborators
    const engine = await engineOf(definition.key)
    const slices = step.slices && definition.partitions ? { partitions: definition.partitions, set: step.slices, all: includes(step.slices, existingSlices(definition.partitions, situation.world)) } : undefined
    const inputs = await store.inputs(definition, readsOf(definition, situation), slices, situation)
    const session = await engine.open(inputs.tables, signal, job => listener.ran(job))
    try {
      const variables = new Map<string, string>()
      const context = this.#context(step, definition, engine.dialect, run, signal, listener, variables)
      const questions = engine.dialect === 'duckdb' ? [] : questionsOf(definition, services, this.#collaborators.clock.now(), await this.#collaborators.knowledge.personal(definition.key))
      const replay = await this.#replay(step, definition, situation, context)
      const candidate = (step.rebuild ? undefined : await this.#restored(step, definition, situation)) ?? await store.stage({ definition, slices, rebuild: step.rebuild ?? false, cuts: cutsFor(situation.columnReads ?? new Map(), definition.key, situation.graph.downstreamKeysOf(definition.key)), body: definition.body(services), session, inputs, context, questions, replay: replay && { ...replay, open: tables => engine.open(tables, signal) }, last: situation.state.last(definition.key), observation: situation.state.observationOf(definition.key), release: release?.get(definition.key), ...(step.rebuild ? {} : readingOf(step, definition, situation.state.last(definition.key), release)), reads: step.rebuild || release?.has(definition.key) ? undefined : readSince(step, definition, situation, this.#collaborators.knowledge.rowByRow(definition)), readThen: step.rebuild || release?.has(definition.key) ? undefined : readThen(step, definition, situation), onProgress: listener.progress })
      crashpoint('candidate-staged')
      listener.staged(candidate)
      const [makeMs, made] = [since(began), performance.now()]
      if (candidate.relation) await session.add({ name: definition.key, relation: candidate.relation, columns: candidate.columns })
      if (slices) await session.add(...(await this.#wholeUpstreams(definition, situation)))
      const results = await runChecks(definition.checks, candidate, {
        definition, table: definition, rows: candidate.rows, facts: name => candidate.facts(name), lastRows: situation.state.last(definition.key)?.rows,
        guarantees: slices || engine.dialect !== 'duckdb' ? NO_GUARANTEES : this.#collaborators.knowledge.guarantees(definition),
      }, { ...this.#checkWork(definition, session, signal), keptAt: engine.dialect === 'duckdb' ? keptAt(step, definition, situation, this.#collaborators.knowledge) : undefined })
      const checks = [...(candidate.held ?? []), ...this.#rated(definition, results, candidate.rows)].map(result => (step.partition === undefined ? result : { ...result, partition: step.partition }))
      for (const result of checks) listener.checked(result)
      return { candidate, checks, variables, makeMs, checkMs: since(made) }
    } finally {
      await session.close()
    }
  }

  /** All that landed, where a table that keeps what earlier batches brought is made anew, or for the first time. What is cut into slices goes by those. */
  async #replay({ rebuild }: Step, definition: AssetDefinition, situation: Situation, { log }: Pick<RunContext, 'log'>): ReturnType<TableStore['landedBatches']> {
    const { store } = this.#collaborators
    if (!isTable(definition) || definition.kind === 'rows' || definition.write.mode === 'overwrite' || definition.partitions) return undefined
    if (!rebuild && (situation.state.last(definition.key) || (await store.head(definition)) >= 0)) return undefined
    return store.landedBatches(definition, readsOf(definition, situation), situation, log)
  }

  /** Only the promises changed: they are held against what is published, and nothing is written. @throws {CheckFailed} */
  async #checkOnly({ asset }: Step, situation: Situation, signal: AbortSignal, listener: StepListener): Promise<StepOutcome> {
    const { store, engineOf, knowledge } = this.#collaborators
    const engine = await engineOf(asset)
    const definition = situation.graph.get(asset)
    const last = situation.state.last(asset)!
    const inputs = await store.inputs(definition, [asset, ...readsOf(definition, situation).filter(key => situation.state.last(key) !== undefined || situation.graph.get(key).kind === 'external')], undefined, situation)
    const session = await engine.open(inputs.tables, signal)
    try {
      const { facts } = await store.statisticsOf(definition, { version: last.tableVersion })
      const results = this.#rated(definition, await holdChecks(definition.checks, { definition, table: definition, rows: last.rows, facts, guarantees: engine.dialect === 'duckdb' ? knowledge.guarantees(definition) : NO_GUARANTEES }, this.#checkWork(definition, session, signal, last.tableVersion)), last.rows)
      for (const result of results) listener.checked(result)
      const broken = results.filter(stops)
      if (broken.length > 0) throw new CheckFailed(asset, broken, last.tableVersion, 'held')
      return { status: 'fresh', held: { checks: situation.checkVersions?.get(asset) ?? '', tableVersion: last.tableVersion } }
    } finally {
      await session.close()
    }
  }

  #rated({ key, checks }: AssetDefinition, results: readonly CheckResult[], rows: number): readonly CheckResult[] {
    const rate = passRateResult(key, checks, results, this.#collaborators.knowledge.leastPassRate(key), rows)
    return rate ? [...results, rate] : results
  }

  #checkWork(definition: AssetDefinition, session: EngineSession, signal: AbortSignal, before?: number): CheckWork {
    const { services, clock, contracts, knowledge } = this.#collaborators
    return { session, services, signal, now: clock.now(), contract: contracts.get(definition.contract ?? ''), past: check => knowledge.past(definition.key, check, before), personal: () => knowledge.personal(definition.key) }
  }

  /** A promise is about the whole table, so that it has to see all of its upstreams: a step only reads its slices of them. */
  async #wholeUpstreams(definition: AssetDefinition, situation: Situation): Promise<readonly EngineInput[]> {
    const { graph } = situation
    const looks = definition.checks.some(({ rule }) => rule.kind === 'method' || readsOfRule(rule).length > 0)
    const sliced = looks ? graph.upstreamKeysOf(definition.key).filter(key => key !== definition.key && graph.get(key).partitions) : []
    return (await this.#collaborators.store.inputs(definition, sliced, undefined, situation)).tables
  }

  /** Logic that was gone back to made this before: its result is taken out of the table's history. */
  async #restored(step: Step, definition: AssetDefinition, { graph, state }: Situation): Promise<Candidate | undefined> {
    const leads = step.causes.every(({ code }) => code === 'code' || code === 'upstream' || code === 'data') && step.causes.some(({ code }) => code === 'code')
    if (!leads || definition.volatile || definition.kind === 'rows' || definition.kind === 'spark') return undefined
    return this.#collaborators.store.restorable(definition, { codeVersion: step.codeVersion, write: writeVersionOf(definition), inputs: inputVersions(graph, state, step.asset) })
  }

  #context({ partition, slices }: Step, definition: AssetDefinition, dialect: Engine['dialect'], run: string, signal: AbortSignal, listener: StepListener, read: Map<string, string>): RunContext & { readonly dialect: Engine['dialect'] } {
    const { clock, contracts, variables } = this.#collaborators
    return {
      run,
      now: clock.now(),
      partition,
      window: slices && definition.partitions ? spanOf(definition.partitions, slices) : undefined,
      signal,
      dialect,
      variable: name => {
        const value = variableOf(variables, name)
        read.set(name, JSON.stringify(value))
        return value
      },
      log: message => listener.log(message),
      get contract() {
        return contractOf(definition, contracts)
      },
    }
  }
}

const since = (began: number): number => Math.round(performance.now() - began)

/** The slices that came out otherwise, as text. */
function changedText({ partitions }: AssetDefinition, { sameAsBefore, changedSlices }: Candidate, { partition }: Step): string | undefined {
  return sameAsBefore ? '' : changedSlices && partitions ? slicesText(partitions, changedSlices) : partition
}

/** From the first instant to the last of slices of time; undefined of others. */
function spanOf(partitions: Partitions, slices: SliceSet): { readonly from: Date; readonly to: Date } | undefined {
  const windows = Object.values(windowsOf(partitions, slices))
  return windows.length === 0 ? undefined : { from: windows[0]!.from, to: windows[0]!.to }
}

/** @throws {NoContract} where the asset names none. */
export function contractOf({ key, contract }: Pick<AssetDefinition, 'key' | 'contract'>, contracts: ReadonlyMap<string, Contract>): Contract {
  const found = contract === undefined ? undefined : contracts.get(contract)
  if (!found) throw new NoContract(key)
  return found
}

/** What of its source an incremental asset reads: from when on, or what was stamped in a range. Logic that changed reads everything, and so does who is told to. */
function readingOf({ causes, codeVersion }: Step, definition: AssetDefinition, last: Materialization | undefined, release: StepCollaborators['release']): Pick<StageRequest, 'since' | 'stamped'> {
  const { incremental } = definition
  if (!incremental || last?.watermark === undefined || release?.has(definition.key) || last.codeVersion !== codeVersion || last.write !== writeVersionOf(definition) || causes.some(({ code }) => code === 'tampered')) return {}
  const asked = causes.find(cause => cause.code === 'forced')
  return asked ? { stamped: asked.stamped } : { since: new Date(Date.parse(last.watermark) - toMillis(incremental.overlap)) }
}

/** What the asset's query and its checks may name. */
function readsOf(definition: AssetDefinition, { graph }: Situation): readonly AssetKey[] {
  const others = definition.checks.flatMap(({ rule }) => readsOfRule(rule))
  const itself = readsItself(definition) ? [definition.key] : []
  return [...new Set([...graph.upstreamKeysOf(definition.key), ...others.filter(key => key !== definition.key), ...itself])]
}

