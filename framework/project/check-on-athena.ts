import { withOwnTable } from '../definition/own-table.ts'
import { headOf } from '../delta/table-head.ts'
import { AthenaQueries } from '../engines/athena-queries.ts'
import { countOnAthena } from '../engines/athena-counts.ts'
import { GlueCatalog } from '../engines/glue-catalog.ts'
import { Translator } from '../engines/translator.ts'
import { countableOf } from '../execution/countable.ts'
import { isFragment, isTable, type SqlFragment } from '../vocabulary/sql.ts'
import { fingerprint } from '../vocabulary/version.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { athenaSettings } from './athena-config.ts'
import type { Counting } from './check-tables.ts'
import { jobFilesOf } from './job-files-of-lake.ts'
import type { Parts } from './parts.ts'

/** Counts what breaks promises with one query an asset on Athena. Close it when done. */
export class CheckOnAthena {
  readonly #parts: Parts
  readonly #queries: AthenaQueries
  readonly #catalog: GlueCatalog
  readonly #translator = new Translator()

  constructor(parts: Parts) {
    this.#parts = parts
    const settings = athenaSettings(parts.frame.config, process.env)
    this.#queries = new AthenaQueries(settings)
    this.#catalog = new GlueCatalog(settings)
  }

  readonly count: Counting = async (definition, checks) => {
    const { graph, lakeFolder, services } = this.#parts.frame
    const now = this.#parts.clock.now()
    const [conditions, queries] = [new Map<string, SqlFragment>(), new Map<string, SqlFragment>()]
    for (const check of checks) {
      const countable = countableOf(check, definition, services, now)
      if (countable?.how === 'rows') conditions.set(check.name, withOwnTable(countable.condition, definition))
      else if (countable) queries.set(check.name, withOwnTable(countable.query, definition))
    }
    const named = new Set<AssetKey>([definition.key, ...[...queries.values(), ...conditions.values()].flatMap(tablesOf)])
    const tables = await Promise.all([...named].map(async key => {
      const table = await this.#parts.store.pinnedTable(graph.get(key))
      return table ? [{ name: key, ...table }] : []
    }))
    const token = `varve-check-${fingerprint(definition.key, JSON.stringify([...named]), now.toISOString(), String(process.pid)).slice(0, 48)}`
    return countOnAthena({ subject: definition.key, tables: tables.flat(), conditions, queries, token, signal: new AbortController().signal }, {
      queries: this.#queries, catalog: this.#catalog, translator: this.#translator, database: await this.#parts.database(),
      address: location => jobFilesOf(lakeFolder).address(location), newestVersion: location => headOf(this.#parts.lake.logOf(location)),
    })
  }

  close(): void {
    this.#queries.close()
    this.#catalog.close()
    this.#translator.close()
  }
}

const tablesOf = (fragment: SqlFragment): AssetKey[] => fragment.values.flatMap(value => (isFragment(value) ? tablesOf(value) : isTable(value) ? [value.key] : []))
