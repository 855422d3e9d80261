import type { Schedule } from '../automation/schedules.ts'
import type { QueuedRequest, ScheduleTick } from '../state/automation-log.ts'
import type { Incident } from '../vocabulary/alert.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import type { FrameOptions } from './frame.ts'

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
  /** Make the selected assets anew from all their inputs, whatever their write modes would keep. */
  readonly rebuild?: boolean | undefined
  /** By asset: of one that has slices only these, as text. */
  readonly slices?: Readonly<Record<AssetKey, string>> | undefined
  /** Of assets that have slices, only these: keys, or ranges `from..to` whose end is exclusive. */
  readonly partitions?: readonly string[] | undefined
  /** Of assets with slices of time, only those between. The end is exclusive. */
  readonly between?: { readonly from: string; readonly to: string } | undefined
  /** Let the step of a source that can't be taken in fail, and make what does not hang on it. Else nothing is begun. */
  readonly keepGoing?: boolean | undefined
  /** Refuse a plan that would read more bytes of tables than this. */
  readonly maxBytes?: number | undefined
  /** Refuse a plan that would cost more than this, in the currency of the engines' prices. */
  readonly maxCost?: number | undefined
  /** Of the selection, only the assets that have slices: others keep what they have, and how far they have read. */
  readonly onlySliced?: boolean | undefined
  /** Also whatever is downstream of the selection, as far as it is touched. */
  readonly withDownstream?: boolean | undefined
}

export interface RunOptions {
  readonly signal: AbortSignal
  readonly listen: (event: RunEvent) => void
  /** Whether who listens wants to hear how far a step is. Counting that costs small steps an eighth of their time. */
  readonly progress?: boolean | undefined
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
