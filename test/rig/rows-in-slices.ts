import { module } from './project-rig.ts'

export interface Sold {
  readonly id: number
  /** ISO 8601, UTC; null names no slice. */
  readonly at: string | null
  readonly shop: 'north' | 'south' | 'east'
  /** What is no number goes to the quarantine. */
  readonly amount: string
  readonly city?: string | undefined
}

const SALES = 'id: \'integer\', day: \'date\', seen_at: \'timestamptz\', clock: \'timestamp\', shop: \'varchar\', amount: \'varchar\''
const day = (at: string | null) => at?.slice(0, 10) ?? null

/** Sales, by the slices of four kinds: of days, of hours that begin before 1970, of hours of a place's clocks, and of shops by days. What can't be read of them is kept aside. */
export const rowsInSlices = (sales: readonly Sold[], { city = false } = {}) => module('Asset, castable, daily, failedCasts, hourly, primaryKey, product, read, RowAsset, SqlAsset, sql, staticPartitions, Upstream', `
const SALES = ${JSON.stringify(sales.map(({ city: town, at, ...sold }) => ({ ...sold, seen_at: at, day: day(at), clock: at?.replace('Z', ''), ...(city && { city: town ?? null }) })))}
@Asset({ key: 'bronze/sales', codeVersion: '${city ? 'with cities' : 'plain'}' })
export class Sales extends RowAsset {
  columns = { ${SALES}${city ? ', city: \'varchar\'' : ''} };
  *rows() { yield* SALES.map(({ seen_at, ...sold }) => ({ ...sold, seen_at: seen_at === null ? null : new Date(seen_at) })) }
}
const sold = sales => sql\`select id, ${city ? 'city, ' : ''}day, seen_at, clock, shop, \${read(sql\`amount\`, 'decimal(12,2)')} as amount, \${failedCasts([{ name: 'amount', text: sql\`amount\`, value: read(sql\`amount\`, 'decimal(12,2)') }])} as _cast_failed from \${sales}\`
const days = daily({ column: 'day', start: '1969-12-01', open: true })
@Asset({ key: 'silver/days', partitions: days, batch: 'all', checks: [castable(), primaryKey('id')] })
export class Days extends SqlAsset { @Upstream(() => Sales) sales
  query() { return sold(this.sales) } }
@Asset({ key: 'silver/hours', partitions: hourly({ column: 'seen_at', start: '1969-12-31' }), batch: 'all', checks: [castable(), primaryKey('id')] })
export class Hours extends SqlAsset { @Upstream(() => Sales) sales
  query() { return sold(this.sales) } }
@Asset({ key: 'gold/clocks', partitions: hourly({ column: 'clock', start: '1969-12-31', timezone: 'Europe/Berlin' }), batch: 'all', checks: [castable()] })
export class Clocks extends SqlAsset { @Upstream(() => Sales) sales
  query() { return sold(this.sales) } }
@Asset({ key: 'gold/shops', partitions: product({ day: days, shop: staticPartitions({ column: 'shop', keys: ['north', 'south', 'east'] }) }), batch: 'all', checks: [castable()] })
export class Shops extends SqlAsset { @Upstream(() => Sales) sales
  query() { return sold(this.sales) } }
@Asset({ key: 'gold/totals', partitions: days, batch: 'all' })
export class Totals extends SqlAsset { @Upstream(() => Days) days
  query() { return sql\`select day, count(*) as sales, sum(amount) as amount from \${this.days} group by day\` } }`)
