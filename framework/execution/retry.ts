import { setTimeout as wait } from 'node:timers/promises'
import type { RetryPolicy } from '../definition/asset-definition.ts'
import { toMillis } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'

/** Whether trying again could help: what a person must mend, and what a person stopped, is not tried again. */
export const worthRetrying = (error: unknown): boolean => !(error instanceof ExplainedError) || (error as { readonly transient?: boolean }).transient === true

/** How long to wait before an attempt; the second attempt is number 2. A tenth of jitter keeps a crowd from coming back at once. */
export function retryDelay({ delay, backoff = 'exponential' }: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const factor = backoff === 'exponential' ? 2 ** (attempt - 2) : attempt - 1
  return Math.round(toMillis(delay) * factor * (0.9 + 0.2 * random()))
}

export interface Attempts {
  readonly policy: RetryPolicy | undefined
  readonly signal: AbortSignal
  readonly onRetry: (error: unknown, attempt: number, delayMs: number) => void
}

/** Does the work, and again as the policy says. The last error is thrown as it is. */
export async function withRetries<T>({ policy, signal, onRetry }: Attempts, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt)
    } catch (error) {
      if (!policy || attempt > policy.times || signal.aborted || !worthRetrying(error)) throw error
      const delayMs = retryDelay(policy, attempt + 1)
      onRetry(error, attempt + 1, delayMs)
      await wait(delayMs, undefined, { signal })
    }
  }
}
