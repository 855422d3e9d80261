import { systemAlarm } from '../automation/alarm.ts'
import type { ScatteredTable } from '../automation/packing-job.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { selectionOfArguments } from '../graph/selection-arguments.ts'
import { selectAny } from '../graph/selection.ts'
import { ticksOf } from '../partitions/ticks.ts'
import type { EventLog } from '../state/event-log.ts'
import { FEW_SMALL_FILES } from '../storage/small-files.ts'
import { LakeMemory } from '../storage/lake-memory.ts'
import type { TableStore } from '../storage/table-store.ts'
import { Automation, type AutomationOptions, type AutomationParts } from './automation.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Parts } from './parts.ts'
import type { AutomationStatus } from './requests.ts'

export type AutomateOptions = Omit<AutomationOptions, 'alarm'> & { readonly once?: boolean | undefined }

/** What a project does and has done without a person asking. */
export class ProjectAutomation {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async automate({ once, ...options }: AutomateOptions, work: Pick<AutomationParts, 'run' | 'maintain' | 'pack'>): Promise<void> {
    const { frame, store, clock } = this.#parts
    const { graph } = frame
    const automation = new Automation({
      frame, log: this.#parts.automationLog(), events: this.#parts.eventLog(), reader: this.#parts.freshness(),
      situation: async () => ({ ...(await new LakeMemory(this.#parts.eventLog(), store).view(graph, graph.keys, [], this.#parts.world())), codeVersions: frame.codeVersions, variables: frame.config.variables }),
      scattered: () => scatteredTables(graph, this.#parts.eventLog(), store),
      select: selection => selectAny(graph, selectionOfArguments(selection)),
      ...work,
    }, { ...options, alarm: { now: () => clock.now(), sleepUntil: (instant, signal) => systemAlarm.sleepUntil(instant, signal) } })
    await (once ? automation.once() : automation.run())
  }

  status(): AutomationStatus {
    const now = this.#parts.clock.now().getTime()
    const log = this.#parts.automationLog()
    return {
      schedules: this.#parts.frame.automation.schedules.map(schedule => ({ schedule, ticks: log.ticks(schedule.name, 10), next: ticksOf(schedule.cron, schedule.timezone).next(now) })),
      requests: log.requests(20),
      incidents: log.openIncidents(),
      missed: log.missedTicks(20),
    }
  }
}

/** Tables of which a run warned, and that nobody has written since. */
async function scatteredTables(graph: AssetGraph, log: EventLog, store: TableStore): Promise<readonly ScatteredTable[]> {
  const warned = log.checkResults().filter(({ asset, check, passed }) => check === FEW_SMALL_FILES && !passed && graph.has(asset))
  const tables = new Map<AssetKey, ScatteredTable>()
  for (const { asset, tableVersion } of warned) if (tableVersion !== undefined && (await store.head(graph.get(asset))) === tableVersion) tables.set(asset, { asset, tableVersion })
  return [...tables.values()]
}
