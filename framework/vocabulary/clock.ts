/** Tells the time. Everything that needs it is handed one, so that a test can set it. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** A clock that stands still. */
export const stoppedAt = (instant: Date): Clock => ({ now: () => new Date(instant) })
