import { rejectingReads } from '../definition/row-rules.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import type { LineageOutcome } from '../graph/column-lineage-batch.ts'
import { columnReads, type ColumnReads } from '../graph/column-reads.ts'
import { inheritedTags } from '../graph/inherited-tags.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { projectLineage } from './column-lineage-of-project.ts'
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
    return (this.#outcomes ??= this.#parts.database().then(database => database.use(connection => projectLineage(this.#parts.frame, connection))))
  }

  /** Which columns each asset reads of each upstream, where that is proven. */
  async columnReads(): Promise<ColumnReads> {
    return (this.#reads ??= withRejections(this.#parts.frame.graph, columnReads(await this.outcomes())))
  }

  /** The whole project down to the columns. Tags of personal data go along with the values, up to a mask or a waiver. */
  async graph(): Promise<LineageGraph> {
    return inheritedTags(columnGraph(this.#parts.frame, await this.outcomes()), isPersonal, isWaived(this.#parts.frame.graph))
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
