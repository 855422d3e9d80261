/** How a condition came to its answer, part by part. */
export interface ConditionTrace {
  /** As its author wrote it: `newlyTrue`, `cronTickPassed 0 6 * * * UTC`. */
  readonly label: string
  /** Whether it holds for anything. */
  readonly holds: boolean
  /** For which slices, as text; absent where the asset has none. */
  readonly slices?: string | undefined
  readonly of: readonly ConditionTrace[]
}
