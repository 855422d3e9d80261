import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ProjectRig } from '../rig/project-rig.ts'

const BIN = resolve('dist/cli/varve.cjs')

export interface Answer {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A small shop's project in a temp folder, asked through the built command line, a process each time. */
export class CliRig extends ProjectRig {
  constructor(files: Readonly<Record<string, string>> = {}) {
    super({ ...SHOP, ...files })
    refuseStaleBuild()
  }

  start(words: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
    return spawn(process.execPath, [BIN, ...words], { cwd: this.root, env: { ...inherited, VARVE_LAKE: this.lake, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  }

  async ask(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Answer> {
    return ending(this.start(words, environment))
  }

  /** The one JSON document that the command prints. */
  async json(...words: string[]): Promise<Record<string, unknown>> {
    const { out } = await this.ask([...words, '--json'])
    return JSON.parse(out) as Record<string, unknown>
  }

  /** Every file of the lake and of the state. */
  written(): string[] {
    return readdirSync(this.root, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter(entry => entry.isFile() && (entry.parentPath.startsWith(this.lake) || entry.name.startsWith('state.db')))
      .map(entry => join(entry.parentPath, entry.name).slice(this.root.length + 1))
      .sort()
  }
}

export async function ending(child: ChildProcess): Promise<Answer> {
  let out = ''
  let err = ''
  child.stdout!.on('data', part => (out += String(part)))
  child.stderr!.on('data', part => (err += String(part)))
  const code = await new Promise<number | null>(done => child.once('close', done))
  return { code, out, err }
}

/** The command line that is tested is the one of these sources. */
export function refuseStaleBuild(): void {
  const newest = Math.max(...readdirSync('framework', { recursive: true, encoding: 'utf8' }).filter(file => /\.c?ts$/.test(file)).map(file => statSync(join('framework', file)).mtimeMs))
  if ((statSync(BIN, { throwIfNoEntry: false })?.mtimeMs ?? 0) < newest) throw new Error('dist/ is older than framework/: run "npm run build" first, as "npm test" does.')
}

export const ORDERS = 'id,customer,amount,updated\n1,ann,10.50,2026-03-01\n2,bob,20.00,2026-03-01\n3,ann,4.50,2026-03-02\n'

export const CONTRACT = {
  title: 'Orders', name: 'shop_orders', version: '1.0.0', source: 'shop', table: 'orders', primaryKey: ['order_id'],
  columns: [
    { name: 'id', as: 'order_id', type: 'bigint', required: true },
    { name: 'customer', type: 'varchar', required: true },
    { name: 'amount', type: 'decimal(18,2)', required: true },
    { name: 'updated', type: 'date', required: false },
  ],
}

const SHOP: Readonly<Record<string, string>> = {
  'config/local.yaml': 'sources:\n  dir: exports\nlayers: [landing, bronze, silver, gold]\njobs: 2\n',
  'config/schema_definitions/shop_orders.json': JSON.stringify(CONTRACT, null, 2),
  'exports/orders.csv': ORDERS,
  'assets/landing/orders.ts': `
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Asset, FileAsset, Resource, SourceSettings, type SourceFile } from 'varve'
/** The shop's export as it came. */
@Asset({ key: 'landing/orders', contract: 'shop_orders' })
export class LandedOrders extends FileAsset {
  @Resource(() => SourceSettings) readonly settings!: SourceSettings
  files(): SourceFile[] {
    return readdirSync(this.settings.dir).sort().map(name => {
      const location = join(this.settings.dir, name)
      const { size, mtimeMs } = statSync(location)
      return { name, location, format: 'csv', gzip: name.endsWith('.gz'), size, identity: size + '-' + mtimeMs, open: () => createReadStream(location) }
    })
  }
}`,
  'assets/bronze/orders.ts': `
import { Asset, SqlAsset, Upstream, conform, type QueryContext } from 'varve'
import { LandedOrders } from '../landing/orders'
/** One row per order, typed. */
@Asset({ key: 'bronze/orders', contract: 'shop_orders', owners: ['team:shop'] })
export class Orders extends SqlAsset {
  @Upstream(() => LandedOrders) readonly raw!: LandedOrders
  query({ contract }: QueryContext) {
    return conform(this.raw, contract)
  }
}`,
  'assets/gold/spending.ts': `
import { Asset, Check, SqlAsset, Upstream, notNull, sql } from 'varve'
import { Orders } from '../bronze/orders'
/** One row per customer: what they spent. */
@Asset({ key: 'gold/spending', tags: ['finance'], checks: [notNull('customer')] })
export class Spending extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() {
    return sql\`select customer, sum(amount) as spent, count(*) as orders from \${this.orders} group by customer\`
  }
  @Check()
  nobodySpentLessThanNothing() {
    return sql\`select * from \${this} where spent < 0\`
  }
}`,
  'assets/gold/days.ts': `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { Orders } from '../bronze/orders'
/** One row per day: how many orders. */
@Asset({ key: 'gold/days' })
export class Days extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() {
    return sql\`select updated as day, count(*) as orders from \${this.orders} group by all\`
  }
}`,
}
