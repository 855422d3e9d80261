import { join } from 'node:path'
import type { Database } from '../duckdb/database.ts'
import { dimensionsOf, type DynamicPartitions, type World } from '../partitions/partitions.ts'
import type { EventLog } from '../state/event-log.ts'
import type { AutomationLog } from '../state/automation-log.ts'
import { SqliteAutomationLog } from '../state/sqlite-automation-log.ts'
import { SqliteEventLog } from '../state/sqlite-event-log.ts'
import { DynamicKeys } from '../storage/dynamic-keys.ts'
import { lakeName } from '../state/state-file.ts'
import { nameOf } from '../storage/incremental-stage.ts'
import { bringWatermarks } from '../storage/watermark-mirror.ts'
import { Landing, type KnownFile } from '../storage/landing.ts'
import { TableStore } from '../storage/table-store.ts'
import { stoppedAt, systemClock, type Clock } from '../vocabulary/clock.ts'
import { Cache } from './cache.ts'
import { Lake } from './lake.ts'
import { FreshnessReader } from './freshness-reader.ts'
import type { ProjectFrame } from './frame.ts'
import type { OpenOptions } from './requests.ts'
import { tableSettings } from './tables-config.ts'

/** What an opened project is put together from. Logs are opened when they are first asked for; reading makes no file. */
export class Parts {
  readonly clock: Clock
  readonly inspections: Cache<KnownFile>
  readonly landing: Landing
  readonly store: TableStore
  readonly dynamicKeys: DynamicKeys
  readonly lake: Lake
  #log: EventLog | undefined
  #automation: AutomationLog | undefined

  constructor(readonly frame: ProjectFrame, readonly options: OpenOptions, readonly database: () => Promise<Database>, readonly closeDatabase: () => Promise<void>) {
    this.lake = new Lake({ aws: frame.config.aws, cache: frame.config.cache, root: frame.root })
    const folder = this.lake.folderOf(frame.lake)
    this.dynamicKeys = new DynamicKeys(folder)
    this.clock = options.now ? stoppedAt(options.now) : systemClock
    this.inspections = new Cache(join(frame.cacheFolder, 'inspections-5.json'))
    this.landing = new Landing(folder, {
      get: (location, identity) => this.inspections.get(`${location} ${identity}`),
      set: (location, identity, known) => this.inspections.set(`${location} ${identity}`, known),
    }, frame.config.landing)
    this.store = new TableStore({ lake: folder, locations: frame.locations, root: frame.root, logOf: tableRoot => this.lake.logOf(tableRoot), folderOf: location => this.lake.folderOf(location), database, landing: this.landing, ingestion: { drift: frame.config.ingestion.drift, unknown: frame.config.ingestion.unknown_columns, checkpoints: frame.config.ingestion.checkpoints }, contracts: frame.contracts, services: frame.services, settingsOf: key => tableSettings(frame.config.tables, key) })
  }

  eventLog(): EventLog {
    return (this.#log ??= new SqliteEventLog(this.frame.stateFile, { lake: lakeName(this.frame.lakeFolder) }))
  }

  automationLog(): AutomationLog {
    return (this.#automation ??= new SqliteAutomationLog(this.frame.stateFile, { lake: lakeName(this.frame.lakeFolder) }))
  }

  /** Tells how new assets are. */
  freshness(): FreshnessReader {
    const { graph, automation } = this.frame
    return new FreshnessReader({ graph, rules: automation.freshness, store: this.store, log: () => this.eventLog(), automationLog: () => this.automationLog(), world: () => this.world() })
  }

  /** Looks at what the lake keeps in small files and is read at once: keys of dynamic partitions and watermarks. Only where a look is a request. */
  async lookAtState(): Promise<void> {
    const { graph, lakeFolder } = this.frame
    await bringWatermarks(lakeFolder, graph.definitions.filter(({ incremental }) => incremental).map(({ key }) => nameOf(key)))
    await this.dynamicKeys.look([...new Set(graph.definitions.map(({ partitions }) => partitions))].flatMap(partitions => (partitions ? dimensionsOf(partitions).flatMap(({ partitions: of }) => (of.kind === 'dynamic' ? [of.name] : [])) : [])))
  }

  /** What partitions can't know by themselves. */
  world(): World {
    return { now: this.clock.now(), dynamicKeys: (partitions: DynamicPartitions) => this.dynamicKeys.of(partitions) }
  }

  closeLogs(): void {
    this.#automation?.close()
    this.#log?.close()
    this.#automation = undefined
    this.#log = undefined
  }
}
