import { setTimeout as pause } from 'node:timers/promises'

/** How often a request is made before it is given up, and how long the first pause is at most, in milliseconds. */
export interface Patience {
  readonly attempts: number
  readonly firstPause: number
}

export const PATIENCE: Patience = { attempts: 8, firstPause: 100 }
const LONGEST_PAUSE = 10_000

/** Waits before the next attempt: each time twice as long at most, and by chance shorter, so that writers who met once do not meet again. */
export const pauseAfter = (attempt: number, { firstPause }: Patience): Promise<void> =>
  pause(Math.random() * Math.min(LONGEST_PAUSE, firstPause * 2 ** (attempt - 1)))
