import type { RecordedJob } from '../state/event-log.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { costsOf, type JobFacts } from '../vocabulary/job-facts.ts'
import { athenaSettings } from './athena-config.ts'
import { emrServerlessSettings } from './engine-config.ts'
import type { Parts } from './parts.ts'

/** What the jobs of an asset came to on a day, in UTC. */
export interface DailyCost {
  readonly key: AssetKey
  /** `2026-11-28`. */
  readonly day: string
  readonly jobs: number
  readonly ranMs: number
  readonly bytesScanned: number
  /** By currency, what is billed. */
  readonly costs: Readonly<Record<string, number>>
  /** Jobs whose bill is not made yet, or can't be asked for in this profile. */
  readonly pending: number
  /** Jobs of an engine without a price table. */
  readonly unpriced: number
}

/** Sums up what jobs cost since an instant, newest day first. A bill that was not made yet is asked for again, and kept. */
export async function dailyCosts(parts: Parts, since: Date, keys: readonly AssetKey[]): Promise<readonly DailyCost[]> {
  const wanted = new Set(keys)
  const known = parts.eventLog().jobs(since.toISOString()).filter(({ asset }) => wanted.has(asset))
  const jobs = await settled(parts, known)
  const groups = grouped(jobs, ({ asset, at }) => `${at.slice(0, 10)} ${asset}`)
  return [...groups.values()].map(summed).sort((a, b) => (a.day === b.day ? (a.key < b.key ? -1 : 1) : a.day > b.day ? -1 : 1))
}

function summed(jobs: readonly RecordedJob[]): DailyCost {
  const facts = jobs.map(({ job }) => job)
  const count = (status: JobFacts['cost']['status']) => facts.filter(({ cost }) => cost.status === status).length
  return {
    key: jobs[0]!.asset, day: jobs[0]!.at.slice(0, 10), jobs: jobs.length, ranMs: facts.reduce((sum, { ranMs = 0 }) => sum + ranMs, 0), bytesScanned: facts.reduce((sum, { bytesScanned = 0 }) => sum + bytesScanned, 0),
    costs: costsOf(facts), pending: count('pending'), unpriced: count('unpriced'),
  }
}

/** The jobs, with the bills that have been made since they were told of. Those go into the log of the run that they are of. */
async function settled(parts: Parts, jobs: readonly RecordedJob[]): Promise<readonly RecordedJob[]> {
  const pending = jobs.filter(({ job }) => job.cost.status === 'pending')
  if (pending.length === 0) return jobs
  const asked = new Map<string, JobFacts>()
  for (const [engine, of] of grouped(pending, ({ job }) => job.engine)) {
    try {
      const ask = await billsOf(engine, parts)
      for (const { job } of of) asked.set(`${job.engine} ${job.id}`, await ask(job.id))
    } catch (error) {
      parts.options.say?.(`what ${engine} billed can't be asked for: ${(error as Error).message}`)
    }
  }
  const billed = (each: RecordedJob) => asked.get(`${each.job.engine} ${each.job.id}`)
  const news = pending.filter(each => billed(each)?.cost.status === 'billed')
  parts.eventLog().append(news.map(each => ({ type: 'step-job', run: each.run, at: parts.clock.now().toISOString(), asset: each.asset, partition: each.partition, job: billed(each)! })))
  return jobs.map(each => (news.includes(each) ? { ...each, job: billed(each)! } : each))
}

/** Asks an engine of this profile for what is known of a job now. @throws where the profile has no such engine, or it does not answer */
async function billsOf(engine: string, { frame: { config } }: Parts): Promise<(id: string) => Promise<JobFacts>> {
  if (engine === 'athena') {
    const [{ AthenaQueries }, { factsOf }] = await Promise.all([import('../engines/athena-queries.ts'), import('../engines/athena-cost.ts')])
    const settings = athenaSettings(config, process.env)
    const queries = new AthenaQueries(settings)
    return async id => factsOf(await queries.look(id), settings.price)
  }
  const [{ EmrJobs }, { factsOf }] = await Promise.all([import('../engines/emr-jobs.ts'), import('../engines/emr-cost.ts')])
  const settings = emrServerlessSettings(config, process.env)
  const jobs = new EmrJobs(settings)
  return async id => factsOf(await jobs.look(id), settings.price)
}

function grouped<T>(items: readonly T[], by: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(by(item))
    if (group) group.push(item)
    else groups.set(by(item), [item])
  }
  return groups
}
