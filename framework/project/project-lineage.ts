import { withLazyConnection } from '../duckdb/lazy-connection.ts'
import { rejectingReads } from '../definition/row-rules.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import type { LineageOutcome } from '../graph/column-lineage-batch.ts'
import { columnReads, type ColumnReads } from '../graph/column-reads.ts'
import { inheritedTags } from '../graph/inherited-tags.ts'
import { inOrder } from '../graph/lineage.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { projectLineage } from './column-lineage-of-project.ts'
import { KeptLineage } from './kept-lineage.ts'
import { lineageFindings, type LineageFinding } from './lineage-findings.ts'
import { columnGraph } from './lineage-of-project.ts'
import { isPersonal, isWaived } from './personal-data.ts'
import type { Parts } from './parts.ts'

/** The lineage of a project's queries, bound once and kept. */
export class ProjectLineage {
  readonly #parts: Parts
  #outcomes: Promise<ReadonlyMap<string, LineageOutcome>> | undefined
  #reads: ColumnReads | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** What came of binding each query. */
  outcomes(): Promise<ReadonlyMap<string, LineageOutcome>> {
    return (this.#outcomes ??= withLazyConnection(this.#parts.database, session => projectLineage(this.#parts.frame, session)))
  }

  /** Which columns each asset reads of each upstream, where that is proven. */
  async columnReads(): Promise<ColumnReads> {
    return (this.#reads ??= withRejections(this.#parts.frame.graph, columnReads(await this.outcomes())))
  }

  /** The whole project down to the columns, in order. Tags of personal data go along with the values, up to a mask or a waiver. */
  async graph(): Promise<LineageGraph> {
    const { frame } = this.#parts
    const kept = new KeptLineage(frame)
    const known = kept.graph()
    if (known) return known
    const whole = inOrder(inheritedTags(columnGraph(frame, await this.outcomes()), isPersonal, isWaived(frame.graph)))
    kept.keep(whole)
    return whole
  }

  /** What is wrong with the lineage, or not known of it. */
  async findings(): Promise<readonly LineageFinding[]> {
    const outcomes = await this.outcomes()
    return lineageFindings(this.#parts.frame, columnGraph(this.#parts.frame, outcomes), outcomes)
  }
}

/** What decides on rejections is in no query: an asset that is asked by a rule counts as read whole. */
function withRejections(graph: AssetGraph, reads: ColumnReads): ColumnReads {
  return new Map([...reads].map(([key, upstreams]) => {
    const asked = new Set(rejectingReads(graph.get(key).checks))
    return [key, new Map([...upstreams].filter(([upstream]) => !asked.has(upstream)))] as const
  }))
}
