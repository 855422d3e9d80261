import { Resource, WarehouseSettings, type Difference } from '#framework'
import { Service } from 'typedi'
import { DuckDbWarehouse } from './duckdb-warehouse.ts'
import type { Loaded, Reconciliation, TableLoad, Warehouse } from './warehouse.ts'

/** The Redshift that is asked about streams: events. On a laptop a DuckDB file stands in for it. */
@Service()
export class Redshift implements Warehouse {
  @Resource(() => WarehouseSettings) readonly settings!: WarehouseSettings

  load(load: TableLoad): Promise<Loaded> {
    return this.#warehouse().load(load)
  }

  reconcile(reconciliation: Reconciliation): Promise<readonly Difference[]> {
    return this.#warehouse().reconcile(reconciliation)
  }

  #warehouse(): Warehouse {
    const { path, schema = 'EVENTS' } = this.settings.of('redshift')
    return new DuckDbWarehouse(path, schema)
  }
}
