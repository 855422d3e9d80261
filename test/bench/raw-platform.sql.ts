import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { ContainerInstance } from 'typedi'
import { Customer360 } from '#assets/gold/customer_360'
import { ProductPerfDaily } from '#assets/gold/product_perf_daily'
import { SourceSettings, type Contract } from '#framework'
import { definitionOf } from '../../framework/definition/asset.ts'
import type { AssetClass } from '../../framework/definition/asset-definition.ts'
import { draftOf } from '../../framework/definition/draft.ts'
import { quoteIdentifier, quoteLiteral, sqlText } from '../../framework/vocabulary/sql.ts'

/** One statement of the script, and the asset whose table it makes. */
export interface RawStatement {
  readonly key: string
  readonly sql: string
}

/**
 * The whole platform as one plain DuckDB script: the assets' own SQL in the order of their edges, reading the exports where they lie and
 * writing one parquet file per table, with no framework, log, check or version around it. The baseline of the benchmark, and of the oracle.
 */
export function rawPlatformScript({ sources, out, procDate }: { readonly sources: string; readonly out: string; readonly procDate: string }): RawStatement[] {
  const services = new ContainerInstance('raw')
  services.set(SourceSettings, new SourceSettings(sources))
  return [
    { key: '', sql: 'set TimeZone = \'UTC\'' },
    ...upstreamsFirst([Customer360, ProductPerfDaily]).map((asset): RawStatement => {
      const { key, kind, contract, write } = definitionOf(asset)
      if (kind === 'files') return { key, sql: `create or replace view ${quoteIdentifier(key)} as ${landing(sources, contractNamed(contract!), procDate)}` }
      const body = definitionOf(asset).body(services)
      if (body.kind !== 'sql') throw new Error(`${key} is no query`)
      const written = sqlText(body.query({ dialect: 'duckdb', variable: name => { throw new Error(`the platform has no variable ${name}`) }, get contract() { return contractNamed(contract!) } }), quoteIdentifier)
      const query = write.mode === 'append' && write.key.length > 0 ? oncePerKey(written, write.key) : written
      const file = join(out, `${key}.parquet`)
      mkdirSync(dirname(file), { recursive: true })
      return { key, sql: `copy (${query}) to ${quoteLiteral(file)} (format parquet, compression zstd);\ncreate or replace view ${quoteIdentifier(key)} as from read_parquet(${quoteLiteral(file)})` }
    }),
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

/** An append with a key adds each key once; a script has to say so itself. */
const oncePerKey = (query: string, key: readonly string[]): string => `select * from (${query}) as made qualify row_number() over (partition by ${key.map(quoteIdentifier).join(', ')} order by hash(made)) = 1`

function landing(sources: string, { name, columns }: Contract, procDate: string): string {
  const stem = name.replace(/_bronze$/, '')
  const file = readdirSync(sources).find(entry => entry.startsWith(`${stem}.`))
  const origin = `date ${quoteLiteral(procDate)} as _proc_date`
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
