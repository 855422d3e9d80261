import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'

let rig: ProjectRig | undefined
afterEach(() => rig?.remove())

const external = (location: string) => ({
  'assets/bronze/orders.ts': `
import { Asset, ExternalAsset } from 'varve'
/** One row per order. */
@Asset({ key: 'bronze/orders' })
export class Orders extends ExternalAsset {
  readonly location = ${JSON.stringify(location)}
  readonly format = 'csv'
}`,
  'assets/silver/all_orders.ts': `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { Orders } from '../bronze/orders'
/** One row per order. */
@Asset({ key: 'silver/all_orders' })
export class AllOrders extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() { return sql\`select id from \${this.orders}\` }
}`,
})

it.each([
  ['orders[1].csv', [{ id: 1 }], 'the file that has this very name'],
  ['orders*.csv', [{ id: 1 }, { id: 2 }], 'all files that a pattern means'],
])('an external file %s is %j: %s', async (location, rows) => {
  rig = new ProjectRig(external(`data/${location}`))
  mkdirSync(join(rig.root, 'data'))
  writeFileSync(join(rig.root, 'data/orders[1].csv'), 'id\n1\n')
  writeFileSync(join(rig.root, 'data/orders1.csv'), 'id\n2\n')
  await rig.run([])
  expect(await rig.rows('select id::integer as id from silver.all_orders order by id')).toEqual(rows)
})
