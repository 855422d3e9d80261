import type { Cost } from './price.ts'
import type { SliceSet } from '../partitions/slice-set.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import type { CodeVersion } from '../vocabulary/version.ts'

/** One slice of one asset to write, and why. */
export interface Step {
  /** The asset's key, with `@partition` where it has one. */
  readonly id: string
  readonly asset: AssetKey
  /** The slices to write, as text: one, ranges of them, or several. */
  readonly partition?: PartitionKey | undefined
  readonly slices?: SliceSet | undefined
  /** The table is made anew: nothing is merged into what it holds. Of slices the first ones that are made take the place of all. */
  readonly rebuild?: true | undefined
  readonly codeVersion: CodeVersion
  /** The first leads; there is at least one. */
  readonly causes: readonly StaleCause[]
  /** What it will read, as far as the tables' own statistics tell before anything is written. */
  readonly estimate: Estimate
  /** Absent where the engine takes nothing. */
  readonly cost?: Cost | undefined
  /** The ids of the steps that must end well before this one starts. */
  readonly after: readonly string[]
}

/** The price of a step, before it is paid. */
export interface Estimate {
  readonly rows: number
  /** As stored. */
  readonly bytes: number
  /** Upstreams that hold nothing yet, so that nobody can tell. */
  readonly unknown: readonly AssetKey[]
}

/** What a run will do, worked out before it does anything: printing a plan and running it use the same data. */
export interface Plan {
  /** As the person asked, for the event log and for a retry. */
  readonly selection: string
  /** Upstreams first. */
  readonly steps: readonly Step[]
  /** What was selected and needs nothing, upstreams first. */
  readonly fresh: readonly AssetKey[]
}

/** Whether a step only holds changed checks against what is there: nothing is written. */
export const isCheckOnly = ({ causes }: Pick<Step, 'causes'>): boolean => causes.every(({ code }) => code === 'checks')
