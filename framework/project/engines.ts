import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DuckDbEngine } from '../engines/duckdb-engine.ts'
import type { Engine } from '../engines/engine.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { toMillis } from '../vocabulary/duration.ts'
import { heldBy } from '../vocabulary/holder.ts'
import { athenaSettings } from './athena-config.ts'
import { emrServerlessSettings, engineNameOf, type EngineName } from './engine-config.ts'
import type { Parts } from './parts.ts'

/** The engines of a project, each opened when an asset needs it. */
export class Engines {
  readonly #parts: Parts
  readonly #opened = new Map<EngineName, Promise<Engine>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The engine that makes an asset. @throws {EngineNotConfigured} */
  of(asset: AssetKey): Promise<Engine> {
    const { graph, config } = this.#parts.frame
    return this.named(engineNameOf(graph, config.engines, asset))
  }

  named(name: EngineName): Promise<Engine> {
    let engine = this.#opened.get(name)
    if (!engine) this.#opened.set(name, (engine = this.#open(name)))
    return engine
  }

  close(): void {
    for (const engine of this.#opened.values()) void engine.then(opened => opened.close?.(), () => undefined)
    this.#opened.clear()
  }

  async #open(name: EngineName): Promise<Engine> {
    if (name === 'duckdb') return new DuckDbEngine(() => this.#parts.database())
    const database = await this.#parts.database()
    const { config, lakeFolder } = this.#parts.frame
    const jobsFolder = join(lakeFolder, '_varve', 'jobs')
    const watching = { holder: heldBy(`orchestrator ${randomUUID().slice(0, 8)}`), leaseMs: toMillis(config.lease) }
    switch (name) {
      case 'emr-serverless': {
        const settings = emrServerlessSettings(config, process.env)
        const [{ EmrServerlessJobs }, { RemoteEngine }, { Translator }, { JobRecords }, { JobWatch }, { jobFilesOf }] = await Promise.all([
          import('../engines/emr-serverless-engine.ts'), import('../engines/remote-engine.ts'), import('../engines/translator.ts'), import('../engines/job-record.ts'), import('../engines/job-watch.ts'), import('./job-files-of-lake.ts'),
        ])
        const files = jobFilesOf(lakeFolder)
        const jobs = new EmrServerlessJobs(settings, { programs: join(lakeFolder, '_varve', 'programs'), files, records: new JobRecords(jobsFolder, files), watch: new JobWatch(jobsFolder, files, watching), clock: this.#parts.clock })
        return new RemoteEngine(jobs, new DuckDbEngine(database), database, new Translator())
      }
      case 'athena': {
        const settings = athenaSettings(config, process.env)
        const [{ AthenaJobs }, { RemoteEngine }, { Translator }, { JobRecords }, { JobWatch }, { jobFilesOf }, { headOf }] = await Promise.all([
          import('../engines/athena-engine.ts'), import('../engines/remote-engine.ts'), import('../engines/translator.ts'), import('../engines/job-record.ts'), import('../engines/job-watch.ts'), import('./job-files-of-lake.ts'), import('../delta/table-head.ts'),
        ])
        const files = jobFilesOf(lakeFolder)
        const jobs = new AthenaJobs(settings, { files, records: new JobRecords(jobsFolder, files), watch: new JobWatch(jobsFolder, files, watching), clock: this.#parts.clock, database, newestVersion: location => headOf(this.#parts.lake.logOf(location)) })
        return new RemoteEngine(jobs, new DuckDbEngine(database), database, new Translator())
      }
    }
  }
}
