import type { GlueCatalog } from '../engines/glue-catalog.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { athenaSettings } from './athena-config.ts'
import { jobFilesOf } from './job-files-of-lake.ts'
import type { Parts } from './parts.ts'

/** The tables of a project as Athena finds them: each known to Glue, with the columns that it has now. */
export class AthenaTables {
  readonly #parts: Parts
  #catalog: Promise<GlueCatalog> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Makes the asset's table known to Glue, or its columns up to date. @returns what it is called there; undefined where it has no table yet */
  async register(asset: AssetKey): Promise<{ readonly database: string; readonly table: string } | undefined> {
    const { graph, lakeFolder } = this.#parts.frame
    const table = await this.#parts.store.pinnedTable(graph.get(asset))
    if (!table) return undefined
    const catalog = await this.#opened()
    await catalog.register({ asset, location: jobFilesOf(lakeFolder).address(table.location), columns: table.columns })
    return catalog.nameOf(asset)
  }

  /** {@link register}, where what is published must stay so: a catalog that does not answer is told of, and the next commit or query registers the table. */
  async told(asset: AssetKey, log: (message: string) => void): Promise<void> {
    try {
      await this.register(asset)
    } catch (error) {
      log(`${asset} is published, but is not up to date in Glue: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  close(): void {
    void this.#catalog?.then(catalog => catalog.close(), () => undefined)
    this.#catalog = undefined
  }

  #opened(): Promise<GlueCatalog> {
    return (this.#catalog ??= (async () => {
      const settings = athenaSettings(this.#parts.frame.config, process.env)
      const { GlueCatalog } = await import('../engines/glue-catalog.ts')
      return new GlueCatalog(settings)
    })())
  }
}
