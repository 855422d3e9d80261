import { module } from './project-rig.ts'

/** Orders in bronze, and what they come to by region in silver. */
export const REGIONS = module('Asset, SqlAsset, sql, Upstream', `
@Asset({ key: 'bronze/orders' })
export class Orders extends SqlAsset {
  query() { return sql\`select * from (values (1, 'eu', 10.50::decimal(10,2)), (2, 'eu', 5.00), (3, 'us', 1.25)) as v(id, region, amount)\` }
}
@Asset({ key: 'silver/regions' })
export class Regions extends SqlAsset {
  @Upstream(() => Orders) orders
  query() { return sql\`select region, sum(amount)::decimal(18,2) as total from \${this.orders} group by region\` }
}`)
