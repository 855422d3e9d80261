/** What a source stamped from one instant until another, which is not in it. ISO 8601, UTC. */
export interface StampedRange {
  readonly from: string
  readonly to: string
}
