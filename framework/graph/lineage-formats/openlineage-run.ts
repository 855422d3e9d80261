import { createHash } from 'node:crypto'
import type { AssetDefinition } from '../../definition/asset-definition.ts'
import { parseSlices } from '../../partitions/slice-text.ts'
import { windowsOf } from '../../partitions/slices.ts'
import type { AssetKey } from '../../vocabulary/asset-key.ts'
import type { CheckResult } from '../../vocabulary/check-result.ts'
import type { Materialization } from '../../vocabulary/materialization.ts'
import type { RunEvent, StepCounts } from '../../vocabulary/run-event.ts'
import { columnRef, type LineageGraph, type LineageNode } from '../lineage-graph.ts'
import type { DatasetName, Facet, SourceEdge } from './openlineage-facets.ts'
import { RunFacets, type JobRun } from './openlineage-run-facets.ts'
import { oneLine } from './visible-text.ts'

/** An event of OpenLineage: a job's run began or ended. */
export interface OpenLineageRunEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT'
  readonly eventTime: string
  readonly producer: string
  readonly schemaURL: string
  readonly run: { readonly runId: string; readonly facets: FacetMap }
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: FacetMap }
  readonly inputs: readonly (DatasetName & { readonly facets: FacetMap; readonly inputFacets?: FacetMap })[]
  readonly outputs: readonly (DatasetName & { readonly facets: FacetMap; readonly outputFacets?: FacetMap })[]
}

type FacetMap = Readonly<Record<string, Facet>>

export interface RunTellerOptions {
  /** The namespace of the jobs. */
  readonly namespace: string
  /** The job that a whole run is. Its steps' jobs are named by their assets. */
  readonly job: string
  readonly dataset: (key: string) => DatasetName
  /** Down to the columns. */
  readonly lineage: LineageGraph
  readonly definitionOf: (key: AssetKey) => AssetDefinition
  /** The query of a SQL asset. */
  readonly sqlOf: (key: AssetKey) => string | undefined
  readonly engine: { readonly name: string; readonly version: string }
  /** Of the framework. */
  readonly version: string
  /** Whether messages about the asset may quote personal data. */
  readonly isPersonal: (key: AssetKey) => boolean
  /** A URI. */
  readonly producer?: string | undefined
}

/** What is known of a step until it ends. */
interface Step {
  readonly self: JobRun
  readonly startedAt: string
  readonly checks: CheckResult[]
  staged?: { readonly files: number; readonly bytes: number; readonly rows: number } | undefined
}

/**
 * Turns the events of runs into OpenLineage's: a START and one of COMPLETE, FAIL and ABORT for each run and each of its steps, and for the
 * checks of a step, which are a job that reads its table. Equal events give equal ids. No value of any row is in them.
 */
export class RunTeller {
  readonly #options: RunTellerOptions
  readonly #facets: RunFacets
  readonly #nodes: ReadonlyMap<string, LineageNode>
  readonly #reads: ReadonlyMap<string, readonly LineageNode[]>
  readonly #sources: ReadonlyMap<string, readonly SourceEdge[]>
  readonly #runs = new Map<string, JobRun>()
  readonly #steps = new Map<string, Step>()

  constructor(options: RunTellerOptions) {
    this.#options = options
    this.#facets = new RunFacets(options.producer ?? 'urn:varve')
    const { nodes, edges, columnEdges = [] } = options.lineage
    this.#nodes = new Map(nodes.map(node => [node.key, node]))
    this.#reads = grouped(edges, ({ to }) => to, ({ from }) => this.#nodes.get(from)!)
    const owners = new Map(nodes.flatMap(node => (node.columns ?? []).map(({ name }) => [columnRef(node.key, name), { key: node.key, name }])))
    this.#sources = grouped(columnEdges, ({ to }) => owners.get(to)!.key, ({ from, to, relation, kind, masked }) => ({ dataset: options.dataset(owners.get(from)!.key), field: owners.get(from)!.name, to: owners.get(to)!.name, relation, kind, masked }))
  }

  /** What the event is in OpenLineage's words; often nothing. */
  tell(event: RunEvent): OpenLineageRunEvent[] {
    switch (event.type) {
      case 'run-started': {
        const { namespace, job } = this.#options
        const self = { runId: event.run, namespace, name: job }
        this.#runs.set(event.run, self)
        return [this.#ofRun('START', self, event.at, {})]
      }
      case 'run-finished': {
        const facets = event.ok ? {} : { errorMessage: this.#facets.errorMessage(event.cancelled ? 'The run was cancelled.' : 'Not all of its steps ended well.', 'TypeScript') }
        return [this.#ofRun(event.ok ? 'COMPLETE' : event.cancelled ? 'ABORT' : 'FAIL', this.#runs.get(event.run)!, event.at, facets)]
      }
      case 'step-started': return this.#started(event)
      case 'step-staged': {
        this.#stepOf(event).staged = { files: event.files, bytes: event.bytes, rows: event.counts.rowsOut }
        return []
      }
      case 'step-checked': {
        this.#stepOf(event).checks.push(event.result)
        return []
      }
      case 'step-retried': {
        // What was checked in an attempt that is thrown away was never about the table.
        const step = this.#stepOf(event)
        step.checks.length = 0
        step.staged = undefined
        return []
      }
      case 'step-materialized': return this.#ended(event, 'COMPLETE', {}, event)
      case 'step-fresh': return this.#ended(event, 'COMPLETE', {})
      case 'step-skipped': return [...this.#started(event), ...this.#ended(event, 'ABORT', this.#error(event.asset, `Skipped, since ${event.because} did not end well.`))]
      case 'step-failed': return [...this.#started(event), ...this.#ended(event, event.status === 'cancelled' ? 'ABORT' : 'FAIL', this.#error(event.asset, event.error.message))]
      case 'step-progress':
      case 'step-job': case 'log': return []
    }
  }

  /** The end of what a process began that is gone. */
  leftBehind({ run, job, inputs, outputs, ...start }: OpenLineageRunEvent, at: string): OpenLineageRunEvent {
    return { ...start, eventType: 'ABORT', eventTime: at, run: { ...run, facets: { ...run.facets, errorMessage: this.#facets.errorMessage('The process ended before it did.', 'TypeScript') } }, job, inputs, outputs }
  }

  #started(event: StepEvent): OpenLineageRunEvent[] {
    if (this.#steps.has(idOf(event))) return []
    return [this.#ofStep('START', event, this.#begin(event), event.at, {})]
  }

  #begin(event: StepEvent): Step {
    const step: Step = { self: { runId: uuidOf(event.run, event.asset, event.partition ?? ''), namespace: this.#options.namespace, name: event.asset }, startedAt: event.at, checks: [] }
    this.#steps.set(idOf(event), step)
    return step
  }

  #stepOf(event: StepEvent): Step {
    return this.#steps.get(idOf(event)) ?? this.#begin(event)
  }

  #ended(event: StepEvent, type: 'COMPLETE' | 'FAIL' | 'ABORT', facets: FacetMap, made?: Made): OpenLineageRunEvent[] {
    const step = this.#stepOf(event)
    this.#steps.delete(idOf(event))
    return [...this.#checked(event, step), this.#ofStep(type, event, step, event.at, facets, made)]
  }

  #ofRun(eventType: OpenLineageRunEvent['eventType'], self: JobRun, at: string, facets: FacetMap): OpenLineageRunEvent {
    return this.#event(eventType, self, at, { processing_engine: this.#engine(), ...facets }, { jobType: this.#facets.jobType('run') }, [], [])
  }

  #ofStep(eventType: OpenLineageRunEvent['eventType'], event: StepEvent, step: Step, at: string, more: FacetMap, made?: Made): OpenLineageRunEvent {
    const { definitionOf, sqlOf, dataset } = this.#options
    const facets = this.#facets
    const { asset } = event
    const definition = definitionOf(asset)
    const sql = sqlOf(asset)
    const run = this.#runOf(event)
    const window = windowOf(definition, event.partition)
    const reads = this.#reads.get(asset) ?? []
    const node = this.#nodes.get(asset)
    const sources = this.#sources.get(asset) ?? []
    const lineage = node && reads.length > 0 && eventType === 'COMPLETE' ? { columnLineage: facets.columnLineage(node, sources), lineage: facets.lineage(node, reads.map(({ key }) => dataset(key)), sources) } : {}
    return this.#event(
      eventType, step.self, at,
      { parent: facets.parent(run, run), processing_engine: this.#engine(), nominalTime: window ? facets.nominalTime(window.from.toISOString(), window.to.toISOString()) : facets.nominalTime(step.startedAt), ...more },
      {
        jobType: facets.jobType(definition.kind),
        ...(definition.description !== '' && { documentation: facets.jobDocumentation(oneLine(definition.description)) }),
        ...(sql !== undefined && { sql: facets.sql(sql) }),
        ...(definition.owners.length > 0 && { ownership: facets.jobOwnership(definition.owners) }),
        ...(definition.tags.length > 0 && { tags: facets.jobTags(definition.tags) }),
      },
      reads.map(({ key }) => {
        const version = made?.materialization.read?.[key as AssetKey]
        return { ...dataset(key), facets: { ...this.#described(key), ...(version !== undefined && { version: facets.version(version) }) } }
      }),
      [{
        ...dataset(asset),
        facets: { ...this.#described(asset), ...lineage, ...(made && this.#version(definition, made)) },
        ...(made && { outputFacets: { outputStatistics: facets.outputStatistics(made.counts.rowsOut, step.staged) } }),
      }],
    )
  }

  /** The checks of a step are a run of their own: it reads what the step made, and OpenLineage keeps their results with what is read. */
  #checked(event: StepEvent, { self, startedAt, checks, staged }: Step): OpenLineageRunEvent[] {
    if (checks.length === 0) return []
    const facets = this.#facets
    const { dataset, namespace, definitionOf } = this.#options
    const rules = new Map(definitionOf(event.asset).checks.map(({ name, rule }) => [name, rule]))
    const columnOf = (check: string) => {
      const rule = rules.get(check)
      return rule && 'column' in rule ? rule.column : undefined
    }
    const nulls = new Map(checks.flatMap(({ check, failingRows, rejects, error }) => (rules.get(check)?.kind === 'not-null' && error === undefined ? [[columnOf(check)!, rejects ? 0 : failingRows] as const] : [])))
    const own = { runId: uuidOf(event.run, event.asset, event.partition ?? '', 'checks'), namespace, name: `${event.asset}.checks` }
    const failed = checks.some(({ passed, severity }) => !passed && severity === 'error')
    const head = { parent: facets.parent(self, this.#runOf(event)), processing_engine: this.#engine() }
    const job = { jobType: facets.jobType('checks') }
    const table = { ...dataset(event.asset), facets: this.#described(event.asset) }
    const inputFacets = { dataQualityAssertions: facets.dataQualityAssertions(checks, columnOf), ...(staged && { dataQualityMetrics: facets.dataQualityMetrics(staged.rows, staged, nulls) }) }
    return [
      this.#event('START', own, startedAt, head, job, [table], []),
      this.#event(failed ? 'FAIL' : 'COMPLETE', own, event.at, { ...head, test: facets.test(checks) }, job, [{ ...table, inputFacets }], []),
    ]
  }

  #event(eventType: OpenLineageRunEvent['eventType'], { runId, namespace, name }: JobRun, eventTime: string, run: FacetMap, job: FacetMap, inputs: OpenLineageRunEvent['inputs'], outputs: OpenLineageRunEvent['outputs']): OpenLineageRunEvent {
    return { eventType, eventTime, producer: this.#facets.producer, schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent', run: { runId, facets: run }, job: { namespace, name, facets: job }, inputs, outputs }
  }

  #described(key: string): FacetMap {
    const { columns = [], description } = this.#nodes.get(key) ?? {}
    const { owners, tags } = this.#options.definitionOf(key as AssetKey)
    return {
      ...(columns.length > 0 && { schema: this.#facets.schema(columns) }),
      ...(description && { documentation: this.#facets.documentation(oneLine(description)) }),
      ...(owners.length > 0 && { ownership: this.#facets.datasetOwnership(owners) }),
      ...((tags.length > 0 || columns.some(column => column.tags.length > 0)) && { tags: this.#facets.tags(columns, tags) }),
    }
  }

  #version({ write }: AssetDefinition, { materialization, unchanged }: Made): FacetMap {
    const { tableVersion } = materialization
    const change = unchanged ? undefined : tableVersion === 0 ? 'CREATE' : write.mode === 'overwrite' ? 'OVERWRITE' : undefined
    return { version: this.#facets.version(tableVersion), ...(change && { lifecycleStateChange: this.#facets.lifecycleStateChange(change) }) }
  }

  /** Messages of the engine quote values: of what holds personal data, quotes are blotted out. */
  #error(asset: AssetKey, message: string): FacetMap {
    const { definitionOf, isPersonal } = this.#options
    const shown = isPersonal(asset) ? message.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '***') : message
    return { errorMessage: this.#facets.errorMessage(shown, LANGUAGES[definitionOf(asset).kind] ?? 'TypeScript') }
  }

  #engine(): Facet {
    const { engine, version } = this.#options
    return this.#facets.processingEngine(engine.name, engine.version, version)
  }

  #runOf({ run }: { readonly run: string }): JobRun {
    return this.#runs.get(run) ?? { runId: run, namespace: this.#options.namespace, name: this.#options.job }
  }
}

interface StepEvent {
  readonly run: string
  readonly at: string
  readonly asset: AssetKey
  readonly partition?: string | undefined
}

interface Made {
  readonly materialization: Materialization
  readonly counts: StepCounts
  readonly unchanged: boolean
}

const idOf = ({ run, asset, partition = '' }: StepEvent): string => JSON.stringify([run, asset, partition])

function windowOf({ partitions }: AssetDefinition, slices: string | undefined): { readonly from: Date; readonly to: Date } | undefined {
  if (!partitions || slices === undefined) return undefined
  const windows = Object.values(windowsOf(partitions, parseSlices(partitions, slices)))
  return windows[0]
}

/** A UUID of the kind that is made of names (version 5): the same names in the same run, the same id. */
export function uuidOf(run: string, ...names: readonly string[]): string {
  const bytes = createHash('sha1').update(Buffer.from(run.replaceAll('-', ''), 'hex')).update(JSON.stringify(names)).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function grouped<T, V>(items: readonly T[], by: (item: T) => string, value: (item: T) => V): Map<string, V[]> {
  const groups = new Map<string, V[]>()
  for (const item of items) {
    const group = groups.get(by(item))
    if (group) group.push(value(item))
    else groups.set(by(item), [value(item)])
  }
  return groups
}

/** What the body of an asset of a kind is written in; of any other, TypeScript. */
const LANGUAGES: Readonly<Record<string, string>> = { sql: 'SQL', spark: 'Python' }
