import { module, ProjectRig } from './project-rig.ts'

/** A contract like that of a shop's orders; what is given differs. */
export const contract = (changes: object = {}): string => JSON.stringify({
  name: 'shop_orders_bronze', version: '1.0.0', source: 'shop', table: 'orders', primaryKey: ['order_id'],
  columns: [
    { name: 'id', as: 'order_id', type: 'varchar', required: true },
    { name: 'customer', type: 'varchar', required: true },
    { name: 'amount', type: 'decimal(18,2)' },
    { name: 'updated', type: 'date' },
  ],
  ...changes,
}, null, 2)

export const COLUMNS = JSON.parse(contract()).columns as readonly object[]

const LANDING = module('Asset, FileAsset, Resource, SourceSettings, type SourceFile', `
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
/** As it came. */
@Asset({ key: 'landing/shop_orders', contract: 'shop_orders_bronze' })
export class Landed extends FileAsset {
  @Resource(() => SourceSettings) readonly settings!: SourceSettings
  files(): SourceFile[] {
    return readdirSync(this.settings.dir).sort().map(name => {
      const location = join(this.settings.dir, name)
      const { size, mtimeMs } = statSync(location)
      const format = name.endsWith('.csv') ? 'csv' : name.endsWith('.jsonl') ? 'json-lines' : 'json-array'
      return { name, location, format, gzip: false, size, identity: size + '-' + mtimeMs, open: () => createReadStream(location) }
    })
  }
}`)

const BRONZE = module('Asset, SqlAsset, Upstream, conform, overwritePartition, sql, type QueryContext', `
import { Landed } from '../landing/shop_orders'
/** One row per order. */
@Asset({ key: 'bronze/shop_orders', contract: 'shop_orders_bronze', write: overwritePartition({ by: ['_proc_date'] }) })
export class Bronze extends SqlAsset {
  @Upstream(() => Landed) readonly raw!: Landed
  query({ contract }: QueryContext) { return conform(this.raw, contract, [sql\`_proc_date\`]) }
}`)

const SILVER = module('Asset, SqlAsset, Upstream, castable, notNull, sql', `
import { Bronze } from '../bronze/shop_orders'
/** One row per order. */
@Asset({ key: 'silver/orders', checks: [castable(), notNull('order_id', { onFail: 'quarantine' })] })
export class Orders extends SqlAsset {
  @Upstream(() => Bronze) readonly raw!: Bronze
  query() { return sql\`select order_id, customer, amount, updated, _cast_failed from \${this.raw} where _proc_date = (select max(_proc_date) from \${this.raw})\` }
}`)

/** A project that lands a shop's orders and types them, with the files of its export. */
export function shop(exports: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): ProjectRig {
  return new ProjectRig({
    'config/local.yaml': 'sources: { dir: exports }\n',
    'config/schema_definitions/shop_orders_bronze.json': contract(),
    'assets/landing/shop_orders.ts': LANDING, 'assets/bronze/shop_orders.ts': BRONZE, 'assets/silver/orders.ts': SILVER,
    ...Object.fromEntries(Object.entries(exports).map(([name, text]) => [`exports/${name}`, text])),
    ...files,
  })
}
