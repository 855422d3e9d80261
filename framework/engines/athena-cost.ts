import type { QueryExecution } from '@aws-sdk/client-athena'
import type { AthenaPrice } from './athena-settings.ts'
import type { JobCost, JobFacts } from './engine.ts'

const MEGABYTE = 1024 ** 2
const TERABYTE = 1024 ** 4
/** What a query is billed for at least. */
const LEAST = 10 * MEGABYTE

/** How a query went and what it cost. */
export function factsOf({ QueryExecutionId: id, Statistics: told }: QueryExecution, price: AthenaPrice | undefined): JobFacts {
  return {
    engine: 'athena',
    id: String(id),
    queuedMs: told?.QueryQueueTimeInMillis,
    startMs: told?.ServicePreProcessingTimeInMillis === undefined && told?.QueryPlanningTimeInMillis === undefined ? undefined : (told.ServicePreProcessingTimeInMillis ?? 0) + (told.QueryPlanningTimeInMillis ?? 0),
    ranMs: told?.EngineExecutionTimeInMillis,
    bytesScanned: told?.DataScannedInBytes,
    cost: costOf(told?.DataScannedInBytes, price),
  }
}

/** What is scanned is billed by whole megabytes, and at least ten of them: https://aws.amazon.com/athena/pricing/. A query that failed is not billed. */
export function costOf(bytesScanned: number | undefined, price: AthenaPrice | undefined): JobCost {
  if (!price) return { status: 'unpriced' }
  if (bytesScanned === undefined) return { status: 'pending' }
  const billed = Math.max(LEAST, Math.ceil(bytesScanned / MEGABYTE) * MEGABYTE)
  return { status: 'billed', amount: Math.round((billed / TERABYTE) * price.perTerabyte * 1e8) / 1e8, currency: price.currency }
}
