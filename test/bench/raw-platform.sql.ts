import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { ContainerInstance } from 'typedi'
import { CustomerFeatures } from '#assets/features/customer_features'
import { BehaviorEvents } from '#assets/gold/behavior_events'
import { Customer360 } from '#assets/gold/customer_360'
import { DimCustomer } from '#assets/gold/dim_customer'
import { DimDate } from '#assets/gold/dim_date'
import { DimProduct } from '#assets/gold/dim_product'
import { FactOrders } from '#assets/gold/fact_orders'
import { ProductPerfDaily } from '#assets/gold/product_perf_daily'
import { MaskingPolicy, SourceSettings, type Contract, type MaskingRule } from '#framework'
import { parse } from 'yaml'
import { Secret } from '../../framework/vocabulary/secret.ts'
import { definitionOf } from '../../framework/definition/asset.ts'
import type { AssetClass } from '../../framework/definition/asset-definition.ts'
import type { CheckDefinition } from '../../framework/definition/check-definition.ts'
import { draftOf } from '../../framework/definition/draft.ts'
import { brokenBy } from '../../framework/definition/row-rules.ts'
import type { WriteMode } from '../../framework/definition/write-mode.ts'
import { quoteIdentifier, quoteLiteral, sqlText } from '../../framework/vocabulary/sql.ts'

/** One statement of the script, and the asset whose table it makes. */
export interface RawStatement {
  readonly key: string
  readonly sql: string
}

/** The platform's masks, with a salt that is nobody's. */
function maskingPolicy(): MaskingPolicy {
  const { columns } = parse(readFileSync(join(import.meta.dirname, '../../config/pii_masking.yaml'), 'utf8')) as { readonly columns: Readonly<Record<string, Omit<MaskingRule, 'dataset' | 'column'>>> }
  const rules = Object.entries(columns).map(([name, rule]) => ({ ...rule, dataset: name.slice(0, name.lastIndexOf('.')), column: name.slice(name.lastIndexOf('.') + 1) }) as MaskingRule)
  return new MaskingPolicy(rules, new Secret('pii_salt', () => 'a salt for baselines only'))
}

export interface RawOptions {
  readonly sources: string
  readonly out: string
  readonly procDate: string
  /** Also the dimensions, the facts, the features and the warehouses. */
  readonly whole?: boolean
}

const GOLD = [Customer360, ProductPerfDaily]
const REST = [BehaviorEvents, DimCustomer, DimDate, DimProduct, FactOrders, CustomerFeatures]
/** What the warehouses hold, by database and table. */
const SERVED = [['redshift', 'BEHAVIOR_EVENTS', 'gold/behavior_events'], ['redshift', 'ORDER_EVENTS', 'silver/order_events'], ['snowflake', 'CUSTOMER_360', 'gold/customer_360'], ['snowflake', 'PRODUCT_PERF_DAILY', 'gold/product_perf_daily']] as const

/**
 * The platform as one plain DuckDB script: the assets' own SQL in the order of their edges, reading the exports where they lie and
 * writing one parquet file per table, with no framework, log, check or version around it. The baseline of the benchmark, and of the oracle.
 */
export function rawPlatformScript({ sources, out, procDate, whole = false }: RawOptions): RawStatement[] {
  const services = new ContainerInstance('raw')
  services.set(SourceSettings, new SourceSettings(sources))
  services.set(MaskingPolicy, maskingPolicy())
  return [
    { key: '', sql: 'set TimeZone = \'UTC\'' },
    ...upstreamsFirst(whole ? [...GOLD, ...REST] : GOLD).map((asset): RawStatement => {
      const { key, kind, contract, write, checks } = definitionOf(asset)
      if (kind === 'files') return { key, sql: `create or replace view ${quoteIdentifier(key)} as ${landing(sources, contractNamed(contract!), procDate)}` }
      const body = definitionOf(asset).body(services)
      if (body.kind !== 'sql') throw new Error(`${key} is no query`)
      const written = sqlText(body.query({ dialect: 'duckdb', variable: name => { throw new Error(`the platform has no variable ${name}`) }, get contract() { return contractNamed(contract!) } }), quoteIdentifier)
      const query = oncePerKey(write, accepted(checks, written))
      const file = join(out, `${key}.parquet`)
      mkdirSync(dirname(file), { recursive: true })
      return { key, sql: `copy (${query}) to ${quoteLiteral(file)} (format parquet, compression zstd);\ncreate or replace view ${quoteIdentifier(key)} as from read_parquet(${quoteLiteral(file)})` }
    }),
    ...(whole ? SERVED : []).map(([database, table, key]): RawStatement => ({ key: `serve/${table}`, sql: `attach if not exists ${quoteLiteral(join(out, `${database}.db`))} as ${database};\ncreate table ${database}.${table} as from ${quoteIdentifier(key)}` })),
  ]
}

function upstreamsFirst(assets: readonly AssetClass[], seen = new Set<AssetClass>()): AssetClass[] {
  for (const asset of assets) {
    if (seen.has(asset)) continue
    upstreamsFirst(draftOf(asset.prototype).upstreams.map(upstream => upstream.asset()), seen)
    seen.add(asset)
  }
  return [...seen]
}

/** An append with a key adds each key once, and a merge the newest row of each; a script has to say so itself. */
function oncePerKey(write: WriteMode, query: string): string {
  const once = (key: readonly string[], order: string) => `select * from (${query}) as made qualify row_number() over (partition by ${key.map(quoteIdentifier).join(', ')} order by ${order}) = 1`
  // Of a history nothing is known but what holds now.
  if (write.mode === 'scd2') return `select *, ${quoteIdentifier(write.changedBy!)} as valid_from, null::timestamptz as valid_to, true as is_current from (${query}) as made`
  if (write.mode === 'append' && write.key.length > 0) return once(write.key, 'hash(made)')
  return write.mode === 'merge' && write.newerBy !== undefined ? once(write.on, `${quoteIdentifier(write.newerBy)} desc nulls last, hash(made) desc`) : query
}

/** The rows that break no rule that would take them out. */
function accepted(checks: readonly CheckDefinition[], query: string): string {
  const rules = checks.filter(({ rejects }) => rejects !== undefined).map(check => `(${sqlText(brokenBy(check)!, quoteIdentifier)})`)
  return rules.length === 0 ? query : `select * from (${query}) as made where (${rules.join(' or ')}) is not true`
}

function landing(sources: string, { name, columns }: Contract, procDate: string): string {
  const stem = name.replace(/_bronze$/, '')
  const file = readdirSync(sources).find(entry => entry.startsWith(`${stem}.`))
  // Whoever writes a script counts no lines.
  const origin = `date ${quoteLiteral(procDate)} as _proc_date, ${quoteLiteral(stem)} as _source_file, null::bigint as _source_row`
  if (file === undefined) return `select ${columns.map(column => `null::varchar as ${quoteIdentifier(column.name)}`).join(', ')}, ${origin} where false`
  const path = quoteLiteral(join(sources, file))
  if (/\.csv(\.gz)?$/.test(file)) return `select *, ${origin} from read_csv(${path}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = ${text(headerOf(join(sources, file)))})`
  return `select *, ${origin} from read_json(${path}, format = 'newline_delimited', columns = ${text(columns.map(column => column.name))})`
}

const text = (names: readonly string[]): string => `{${names.map(name => `${quoteLiteral(name)}: 'varchar'`).join(', ')}}`

/** Named here, so that DuckDB need not look for them: the script is as fast as someone who knows the files would write it. */
function headerOf(file: string): string[] {
  const bytes = Buffer.alloc(1 << 16)
  const handle = openSync(file, 'r')
  const read = readSync(handle, bytes)
  closeSync(handle)
  const head = bytes.subarray(0, read)
  return (file.endsWith('.gz') ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head).toString('utf8').split(/\r?\n/, 1)[0]!.split(',')
}

function contractNamed(name: string): Contract {
  const file = join(import.meta.dirname, '../../config/schema_definitions', `${name}.json`)
  if (!existsSync(file)) throw new Error(`there is no contract ${file}`)
  return JSON.parse(readFileSync(file, 'utf8')) as Contract
}
