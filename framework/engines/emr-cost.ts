import type { JobRun } from '@aws-sdk/client-emr-serverless'
import type { EmrPrice } from './emr-settings.ts'
import type { JobCost, JobFacts } from './engine.ts'

/** What a job took and cost, as far as AWS has told. */
export function factsOf(run: JobRun, price: EmrPrice | undefined): JobFacts {
  const [created, started, ended] = [run.createdAt, run.startedAt, run.endedAt].map(at => (at === undefined ? undefined : new Date(at).getTime()))
  const queuedMs = run.queuedDurationMilliseconds ?? undefined
  return {
    engine: 'emr-serverless',
    id: String(run.jobRunId),
    queuedMs,
    startMs: created !== undefined && started !== undefined ? Math.max(0, started - created - (queuedMs ?? 0)) : undefined,
    ranMs: started !== undefined && ended !== undefined ? Math.max(0, ended - started) : run.totalExecutionDurationSeconds === undefined ? undefined : run.totalExecutionDurationSeconds * 1000,
    cost: costOf(run, price),
  }
}

/** By what is billed, which AWS tells some time after a job has ended. */
export function costOf({ billedResourceUtilization: billed }: Pick<JobRun, 'billedResourceUtilization'>, price: EmrPrice | undefined): JobCost {
  if (!price) return { status: 'unpriced' }
  if (!billed || billed.vCPUHour === undefined) return { status: 'pending' }
  const amount = billed.vCPUHour * price.vCpuHour + (billed.memoryGBHour ?? 0) * price.memoryGbHour + (billed.storageGBHour ?? 0) * price.storageGbHour
  return { status: 'billed', amount: Math.round(amount * 1e6) / 1e6, currency: price.currency }
}

/** As a line for people. */
export function factsText({ engine, id, queuedMs, startMs, ranMs, bytesScanned, cost }: JobFacts): string {
  const seconds = (what: string, ms: number | undefined) => (ms === undefined ? [] : [`${what} ${(ms / 1000).toFixed(1)} s`])
  const scanned = bytesScanned === undefined ? [] : [`scanned ${(bytesScanned / 1024 ** 2).toFixed(1)} MiB`]
  const bill = cost.status === 'billed' ? [`cost ${cost.amount} ${cost.currency}`] : cost.status === 'pending' ? ['cost not billed yet'] : []
  return [`${engine} job ${id}`, ...seconds('queued', queuedMs), ...seconds('started in', startMs), ...seconds('ran', ranMs), ...scanned, ...bill].join(', ')
}
