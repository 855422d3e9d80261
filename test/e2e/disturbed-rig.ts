import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { CliRig } from './cli-rig.ts'

/** The instants at which the runs of a day are made. */
export const DAY_ONE = new Date('2026-03-13T06:00:00Z')
export const DAY_TWO = new Date('2026-03-15T06:00:00Z')

/** Every write mode there is, over the shop's exports: a batch of files, an overwrite, a merge, an append with a key, slices, and a table that comes out equal every day. */
const ASSETS: Readonly<Record<string, string>> = {
  'config/local.yaml': 'sources:\n  dir: exports\nlayers: [landing, bronze, silver, gold]\njobs: 2\nlease: 300ms\n',
  'exports/orders.csv': 'id,customer,amount,updated\n',
  'assets/silver/newest.ts': `
import { Asset, SqlAsset, Upstream, merge, sql } from 'varve'
import { Orders } from '../bronze/orders'
/** One row per customer: their newest order. */
@Asset({ key: 'silver/newest', write: merge({ on: ['customer'], newerBy: 'order_id' }) })
export class Newest extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() {
    return sql\`select customer, order_id, amount from \${this.orders} qualify row_number() over (partition by customer order by order_id desc) = 1\`
  }
}`,
  'assets/silver/ledger.ts': `
import { Asset, SqlAsset, Upstream, append, sql } from 'varve'
import { Orders } from '../bronze/orders'
/** One row per order, ever. */
@Asset({ key: 'silver/ledger', write: append({ key: ['order_id'] }) })
export class Ledger extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() {
    return sql\`select order_id, amount from \${this.orders}\`
  }
}`,
  'assets/gold/days.ts': `
import { Asset, SqlAsset, Upstream, daily, sql } from 'varve'
import { Orders } from '../bronze/orders'
/** One row per day: how many orders. */
@Asset({ key: 'gold/days', partitions: daily({ column: 'day', start: '2026-03-03' }) })
export class Days extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() {
    return sql\`select updated as day, count(*) as orders from \${this.orders} group by all\`
  }
}`,
  'assets/gold/customers.ts': `
import { Asset, Check, SqlAsset, Upstream, sql } from 'varve'
import { Orders } from '../bronze/orders'
/** One row per customer: the same every day. */
@Asset({ key: 'gold/customers' })
export class Customers extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() {
    return sql\`select distinct customer from \${this.orders}\`
  }
  @Check()
  holdsUnlessToldOtherwise() {
    return process.env['BREAK_PROMISES'] ? sql\`select * from \${this}\` : sql\`select * from \${this} where false\`
  }
}`,
}

/** A shop whose runs are killed, and taken up again. */
export class DisturbedRig extends CliRig {
  readonly #kept = join(this.root, 'kept')

  constructor(files: Readonly<Record<string, string>> = {}) {
    super({ ...ASSETS, ...files })
  }

  /** The shop's export as it stands so many days into March: later ones have more orders, and have changed some. */
  exports(days: number): void {
    const order = (id: number) => `${id},customer ${id % 50} ${'.'.repeat(80)},${(id * 7) % 1000}.${id % 7 === 0 ? String(days).padStart(2, '0') : '50'},2026-03-${String(1 + (id % days)).padStart(2, '0')}`
    this.write('exports/orders.csv', `id,customer,amount,updated\n${Array.from({ length: 100 * days }, (_, i) => order(i + 1)).join('\n')}\n`)
  }

  /** Keeps the lake and the state as they are, under a name. */
  keep(name: string): void {
    mkdirSync(join(this.#kept, name), { recursive: true })
    for (const each of STANDING) if (existsSync(join(this.root, each))) cpSync(join(this.root, each), join(this.#kept, name, each), { recursive: true })
  }

  /** Puts the lake and the state back as they were kept. */
  restore(name: string): void {
    for (const each of STANDING) {
      rmSync(join(this.root, each), { recursive: true, force: true })
      if (existsSync(join(this.#kept, name, each))) cpSync(join(this.#kept, name, each), join(this.root, each), { recursive: true })
    }
  }

  loseState(): void {
    for (const each of STANDING) if (each !== 'lake') rmSync(join(this.root, each), { force: true })
  }

  async day(now: Date): Promise<RunResult> {
    return this.run([], { now })
  }

  /** How many rows every table has, and a digest of them as a multiset. */
  async tables(): Promise<Record<string, readonly [rows: number, digest: string]>> {
    return this.with(async project => {
      const all = project.graph.keys.map(key => `select '${key}' as key, to_json(t)::varchar as row from ${key.replace('/', '.')} as t`).join(' union all ')
      const { rows } = await project.query(`select key, count(*)::int as rows, md5(string_agg(row, '\n' order by row)) as digest from (${all}) group by key order by key`)
      return Object.fromEntries(rows.map(({ key, rows, digest }) => [key, [rows, digest]])) as Record<string, readonly [number, string]>
    })
  }

  /** How many versions each table has had. */
  async versions(): Promise<Record<string, number>> {
    return this.with(async project => {
      const entries = await Promise.all(project.graph.keys.map(async key => [key, (await project.history(key as AssetKey)).length] as const))
      return Object.fromEntries(entries)
    })
  }
}

const STANDING = ['lake', 'state.db', 'state.db-wal', 'state.db-shm']
