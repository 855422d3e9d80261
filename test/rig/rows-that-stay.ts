import { module } from './project-rig.ts'

/** A profile in which jobs keep their rows; the variable EMR is the endpoint. */
export const ROWS_STAY = `engines: { default: emr-serverless }
emrServerless: { application: app, role: 'arn:aws:iam::123456789012:role/varve', region: eu-central-1, endpoint: '\${EMR}', rowsStay: true, poll: { first: 20ms, most: 200ms } }
`

/** The same rows in the words of either engine; with `nulls` every hundredth has no name. */
export const rowsThatStay = (rows: number, { amount = '1.25', nulls = false } = {}) => module('anomaly, append, Asset, between, expression, masked, noRows, notNull, oneOf, overwritePartition, primaryKey, rowCount, SqlAsset, sql, unique, Upstream', `
@Asset({ key: 'bronze/orders', checks: [primaryKey('id'), rowCount({ min: 1 }), notNull('name', { severity: 'warn' })] })
export class Orders extends SqlAsset {
  query({ dialect }) {
    return dialect === 'spark'
      ? sql\`select cast(id as int) as id, cast(id % 7 as int) as shop, cast(id * ${amount} as decimal(18,2)) as amount, ${named('id % 100', "concat('Ünï ', cast(id as string))", nulls)} as name, date_add(date'2026-01-01', cast(id % 5 as int)) as day, timestamp'2026-01-01 00:00:00.123456' as seen_at, cast(id as double) / 4 as part from range(${rows})\`
      : sql\`select i::integer as id, (i % 7)::integer as shop, (i * ${amount})::decimal(18,2) as amount, ${named('i % 100', "'Ünï ' || i", nulls)} as name, date '2026-01-01' + (i % 5)::integer as day, timestamptz '2026-01-01 00:00:00.123456+00' as seen_at, i::double / 4 as part from range(${rows}) as r(i)\`
  }
}
@Asset({ key: 'silver/named', checks: [notNull('name', { onFail: 'quarantine' }), unique('id'), between('amount', { min: 0 }), oneOf('shop', [0, 1, 2, 3, 4, 5], { severity: 'warn' }), between('amount', { max: 100 }, { where: sql\`shop = 1\`, severity: 'warn' }), expression('parts are quarters', sql\`part * 4 >= id\`)] })
export class Named extends SqlAsset {
  @Upstream(() => Orders) orders
  query() { return sql\`select id, shop, amount, name, day, seen_at, part from \${this.orders}\` }
}
@Asset({ key: 'silver/days', write: overwritePartition({ by: ['day'] }), checks: [primaryKey(['day', 'shop']), anomaly('the greatest shop', sql\`max(shop)\`), unique('shop', { severity: 'warn' }), noRows('few shops', days => sql\`select day, count(*) as shops from \${days} group by day having count(*) > 6\`, { onFail: 'warn' })] })
export class Days extends SqlAsset {
  @Upstream(() => Named) named
  query() { return sql\`select day, shop, sum(amount) as total from \${this.named} group by day, shop\` }
}
@Asset({ key: 'silver/log', write: append({ key: ['id'] }), checks: [primaryKey('id')] })
export class Log extends SqlAsset {
  @Upstream(() => Named) named
  query() { return sql\`select id, name, seen_at from \${this.named}\` }
}`)

const named = (place: string, name: string, nulls: boolean) => (nulls ? `case when ${place} = 99 then null else ${name} end` : name)
