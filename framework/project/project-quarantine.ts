import { isTable } from '../definition/asset-definition.ts'
import type { RunResult } from '../execution/run-result.ts'
import type { QuarantinedRow, QuarantineFilter, QuarantineSummary } from '../storage/quarantine.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Parts } from './parts.ts'
import type { Plans } from './plans.ts'
import { NothingInQuarantine, ReleasesSlices } from './project-errors.ts'
import type { RunOptions } from './requests.ts'
import type { Runs } from './runs.ts'

/** The rows that were set aside, and the way back for them. */
export class ProjectQuarantine {
  readonly #parts: Parts
  readonly #plans: Plans
  readonly #runs: Runs

  constructor(parts: Parts, plans: Plans, runs: Runs) {
    this.#parts = parts
    this.#plans = plans
    this.#runs = runs
  }

  /** Those of which never anything was are left out. */
  async summaries(keys: readonly AssetKey[]): Promise<readonly QuarantineSummary[]> {
    const definitions = keys.map(key => this.#parts.frame.graph.get(key)).filter(isTable)
    const summaries = await Promise.all(definitions.map(definition => this.#parts.store.quarantineSummary(definition)))
    return summaries.filter(summary => summary !== undefined)
  }

  async rows(key: AssetKey, filter?: QuarantineFilter): Promise<readonly QuarantinedRow[]> {
    return this.#parts.store.quarantinedRows(this.#parts.frame.graph.get(key), filter)
  }

  /**
   * The asset is made anew, and where it keeps what it had, the rows join what its query gives.
   * @param ready is waited for once it is clear that there is something to release
   * @throws {NothingInQuarantine} {@link ReleasesSlices}
   */
  async release(key: AssetKey, filter: Pick<QuarantineFilter, 'rule' | 'ids'>, running: RunOptions, ready: () => Promise<void>): Promise<RunResult> {
    const rows = await this.rows(key, filter)
    if (rows.length === 0) throw new NothingInQuarantine(key, filter.rule)
    const { partitions, batch } = this.#parts.frame.graph.get(key)
    // Only where one query makes all slices is it clear what that costs.
    if (partitions && batch !== Infinity) throw new ReleasesSlices(key)
    await ready()
    const { plan: work, situation } = await this.#plans.planned({ selection: [key], force: true })
    return this.#runs.run(work, situation, { ...running, release: new Map([[key, rows.map(({ id }) => id)]]) })
  }
}
