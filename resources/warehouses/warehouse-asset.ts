import { PublishAsset, type Difference, type PublishContext, type SqlAsset } from '#framework'
import type { LoadedVersion, Warehouse, WarehouseTable } from './warehouse.ts'

/** A table of the lake in a warehouse, stamped with when it was loaded, from which version, by which run. */
export abstract class WarehouseAsset extends PublishAsset {
  abstract readonly source: SqlAsset
  abstract readonly warehouse: Warehouse
  abstract readonly table: WarehouseTable
  /** The parts in which lake and warehouse are compared. */
  abstract readonly compared: { readonly by: string; readonly sums: readonly string[] }

  async publish(context: PublishContext): Promise<{ readonly rows: number }> {
    const rows = context.rowCountOf(this.source)
    const changes = rows === undefined ? undefined : { rows, since: (loaded: LoadedVersion) => context.changesSince(this.source, loaded) }
    const { inserted, updated, deleted } = await this.warehouse.load({ table: this.table, source: () => context.filesOf(this.source), changes, deltaVersion: context.versionOf(this.source), content: context.contentOf(this.source), run: context.run, now: context.now })
    context.log(`${this.table.name}: ${inserted} inserted, ${updated} updated, ${deleted} deleted`)
    return { rows: inserted + updated + deleted }
  }

  override async reconcile(context: PublishContext): Promise<readonly Difference[]> {
    return this.warehouse.reconcile({ table: this.table, source: await context.filesOf(this.source), partitionBy: this.compared.by, sums: this.compared.sums })
  }
}
