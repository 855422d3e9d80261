import { join } from 'node:path'
import { isTable } from '../definition/asset-definition.ts'
import { DeltaTable } from '../delta/delta-table.ts'
import type { SettledApplication } from '../engines/emr-application.ts'
import { isRemote } from '../objects/object-place.ts'
import { LakeMemory } from '../storage/lake-memory.ts'
import { replicatedBatches, replicatedTable, type ReplicatedTable } from '../storage/replica.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { settleLifecycle, type LifecycleDiff } from './bucket-lifecycle.ts'
import { lakeLocation } from './lake.ts'
import { LifecycleMistake, lifecycleOf, type Lifecycle } from './lifecycle.ts'
import type { DailyCost } from './job-costs.ts'
import type { Parts } from './parts.ts'
import { setAside } from './set-aside.ts'
import { TableMaintenance } from './table-maintenance.ts'

/** How much was found again in the lake. */
export interface RebuiltState {
  readonly assets: number
  readonly materializations: number
  readonly watermarks: number
  readonly checkpoints: number
}

/** What keeps a lake, its copies and its state in order, and changes nothing of what tables hold. */
export class ProjectUpkeep {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  tables(): TableMaintenance {
    return new TableMaintenance(this.#parts, this.#parts.options.say ?? (() => {}))
  }

  async verifyReplica(place: string, keys: readonly AssetKey[]): Promise<readonly ReplicatedTable[]> {
    const { lake, store, frame } = this.#parts
    const folder = lake.folderOf(lakeLocation(place, process.cwd()))
    const found: ReplicatedTable[] = []
    for (const key of keys) {
      const definition = frame.graph.get(key)
      const head = definition.kind === 'files' || isTable(definition) ? await store.head(definition) : -1
      if (head < 0) continue
      const root = join(folder, key)
      found.push(definition.kind === 'files' ? await replicatedBatches(definition, head, folder) : await replicatedTable(key, head, new DeltaTable(root, lake.logOf(root), await this.#parts.database())))
    }
    return found
  }

  async lifecycle(apply: boolean): Promise<Lifecycle & LifecycleDiff> {
    const { config, lake, contracts, graph } = this.#parts.frame
    if (!isRemote(lake)) throw new LifecycleMistake(`The lake ${lake} is a folder, which has no lifecycle rules.`, 'Choose a profile whose lake is in a bucket, as in --profile prod.')
    const wanted = lifecycleOf(config.lifecycle, { graph, contracts, layout: config.landing, lake })
    return { ...wanted, ...(await settleLifecycle(lake, config.aws, wanted.rules, apply)) }
  }

  async application(apply: boolean): Promise<SettledApplication> {
    const { settleApplication } = await import('./application.ts')
    return settleApplication(this.#parts.frame.config, process.env, apply)
  }

  async rebuildState(): Promise<RebuiltState> {
    const { frame: { graph, stateFile }, store } = this.#parts
    this.#parts.closeLogs()
    setAside(stateFile)
    const restored = await new LakeMemory(this.#parts.eventLog(), store).rebuild(graph)
    const watermarks = await Promise.all(graph.keys.map(key => store.restoreWatermark(graph.get(key))))
    const checkpoints = await Promise.all(graph.keys.map(key => store.restoreCheckpoints(graph.get(key))))
    return { ...restored, watermarks: watermarks.filter(Boolean).length, checkpoints: checkpoints.reduce((total, count) => total + count, 0) }
  }

  /** What jobs on other machines cost since an instant. Bills that were not made yet are asked for again. */
  async costs(since: Date, keys: readonly AssetKey[]): Promise<readonly DailyCost[]> {
    const { dailyCosts } = await import('./job-costs.ts')
    return dailyCosts(this.#parts, since, keys)
  }

  /** Drops what is recorded of runs that started before, and tells how many those were. */
  pruneRuns(before: Date): number {
    this.#parts.automationLog().prune(before)
    return this.#parts.eventLog().prune(before)
  }
}
