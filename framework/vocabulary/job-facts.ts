/** How a job on other machines went, and what it cost. */
export interface JobFacts {
  readonly engine: string
  readonly id: string
  readonly queuedMs?: number | undefined
  readonly startMs?: number | undefined
  readonly ranMs?: number | undefined
  /** Of an engine that is paid by them. */
  readonly bytesScanned?: number | undefined
  readonly cost: JobCost
}

/** `pending`: the bill is not made yet; `unpriced`: the configuration has no price table. */
export type JobCost = { readonly status: 'billed'; readonly amount: number; readonly currency: string } | { readonly status: 'pending' } | { readonly status: 'unpriced' }

/** Jobs of which one is told again: what is said last of a job holds. */
export const withJob = (jobs: readonly JobFacts[], told: JobFacts): readonly JobFacts[] => {
  const at = jobs.findIndex(({ engine, id }) => engine === told.engine && id === told.id)
  return at < 0 ? [...jobs, told] : jobs.with(at, told)
}

/** What jobs cost so far, by currency, to the millionth: amounts in different ones are never added. */
export function costsOf(jobs: Iterable<Pick<JobFacts, 'cost'>>): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const { cost } of jobs) if (cost.status === 'billed') sums[cost.currency] = Math.round(((sums[cost.currency] ?? 0) + cost.amount) * 1e6) / 1e6
  return sums
}
