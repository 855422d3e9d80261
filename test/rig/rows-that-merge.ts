import { module } from './project-rig.ts'

export interface Told {
  readonly id: number | null
  readonly name: string | null
  readonly amount: string
  /** The day of January on which it was told. */
  readonly day: number
  readonly city?: string | undefined
}

const instant = (day: number) => new Date(Date.UTC(2026, 0, day, 6)).toISOString()

/** One batch of rows, merged and entered into histories. */
export const rowsThatMerge = (batch: readonly Told[], { newer = true, city = false } = {}) => module('Asset, merge, primaryKey, notNull, RowAsset, scd2, SqlAsset, sql, unique, Upstream', `
const TOLD = ${JSON.stringify(batch.map(({ day, ...row }) => ({ ...row, told_at: instant(day), seen: instant(day).slice(0, 10), loaded_at: instant(day + 1), names: [row.name ?? '', 'x'] })))}
const COLUMNS = { id: 'integer', name: 'varchar', amount: 'decimal(12,2)', told_at: 'timestamptz', seen: 'date', loaded_at: 'timestamptz', names: 'varchar[]'${city ? ", city: 'varchar'" : ''} }
@Asset({ key: 'bronze/told' })
export class Told extends RowAsset {
  columns = COLUMNS;
  *rows() { yield* TOLD.map(({ told_at, loaded_at, ...row }) => ({ ...row, told_at: new Date(told_at), loaded_at: new Date(loaded_at) })) }
}
const made = told => sql\`select ${['id', 'name', 'amount', 'told_at', 'seen', 'loaded_at', 'names', ...(city ? ['city'] : [])].join(', ')}, cast(amount as double) / 4 as part from \${told}\`
@Asset({ key: 'silver/marked', write: merge({ on: ['id'], ${newer ? "newerBy: 'told_at', " : ''}ignoring: ['loaded_at'] }), checks: [primaryKey('id'), notNull('name', { onFail: 'quarantine' })] })
export class Marked extends SqlAsset { @Upstream(() => Told) told
  query() { return made(this.told) } }
@Asset({ key: 'gold/written', write: merge({ on: ['id']${newer ? ", newerBy: 'told_at'" : ''} }), checks: [unique('id')] })
export class Written extends SqlAsset { @Upstream(() => Told) told
  query() { return made(this.told) } }
@Asset({ key: 'silver/history', write: scd2({ on: ['id'], changedBy: 'told_at' }) })
export class History extends SqlAsset { @Upstream(() => Told) told
  query() { return sql\`with once as (select id, max(name) as name, max(amount) as amount, told_at from \${this.told} where name is not null group by id, told_at) select * from once union all select * from once where id between 25 and 35\` } }
@Asset({ key: 'gold/states', write: scd2({ on: ['id'], compare: ['name', 'amount'], deletes: 'close' }) })
export class States extends SqlAsset { @Upstream(() => Told) told
  query() { return sql\`select id, max(name) as name, max(amount) as amount, max(told_at) as told_at from \${this.told} where name is not null group by id\` } }`)
