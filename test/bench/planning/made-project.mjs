import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const COLUMNS = 10
const SLICES_FROM = '2023-06-01'
/** Midnight after a thousand days. */
export const NOW = '2026-02-25T00:00:00Z'
const SLICES = `${SLICES_FROM}..${NOW.slice(0, 10)}`

/** Random numbers that are the same every time. */
function randomFrom(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Which assets there are and what each reads: up to three of those before it; every third is cut into days. */
export function randomGraph(size, seed = 7) {
  const random = randomFrom(seed)
  return Array.from({ length: size }, (_, i) => {
    const most = i < Math.max(1, size / 50) ? 0 : 1 + Math.floor(random() * 3)
    const reads = new Set(Array.from({ length: most }, () => Math.floor(random() * i)))
    return { name: `a${i}`, key: `silver/a${i}`, reads: [...reads], sliced: i % 3 === 0 }
  })
}

/** Writes the project, one asset a file. */
export function writeProject(root, graph) {
  mkdirSync(join(root, 'assets', 'silver'), { recursive: true })
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(root, 'node_modules'))
  for (const asset of graph) writeFileSync(fileOf(root, asset), moduleOf(asset))
}

export const fileOf = (root, { name }) => join(root, 'assets', 'silver', `${name}.ts`)

/** An asset as an author writes it. @param {string} edit something to add to its first column */
export function moduleOf({ name, key, reads, sliced }, edit = '') {
  const columns = Array.from({ length: COLUMNS }, (_, c) => (reads.length === 0 ? `${c}${c === 0 ? edit : ''} as c${c}` : `r${c % reads.length}.c${c}${c === 0 ? edit : ''} as c${c}`))
  const from = reads.map((read, i) => (i === 0 ? ` from \${this.a${read}} as r0` : ` join \${this.a${read}} as r${i} using (c0)`)).join('\n     ')
  return `import { Asset, SqlAsset, Upstream, daily, sql } from 'varve'
${reads.map(read => `import { A${read} } from './a${read}'\n`).join('')}
/** One row per number of ${name}. */
@Asset({ key: '${key}', owners: ['team:numbers'], tags: ['made']${sliced ? `, partitions: daily({ column: 'day', start: '${SLICES_FROM}' })` : ''} })
export class ${name.toUpperCase()} extends SqlAsset {
${reads.map(read => `  @Upstream(() => A${read}) readonly a${read}!: A${read}\n`).join('')}
  query() {
    return sql\`
      select ${columns.join(',\n             ')}${sliced ? ", date '2024-01-01' as day" : ''}
     ${from}\`
  }
}
`
}

/** What a lake says of an asset that was made once, of the code as it stands: its materialization, and the one commit of its table. */
export function made({ key, reads, sliced }, graph, codeVersion, write) {
  const versionOf = i => `dh1:00000000:1:${String(i).padStart(32, '0')}`
  const inputs = Object.fromEntries(reads.map(read => [graph[read].key, versionOf(read)]))
  return {
    asset: key, ...(sliced ? { partition: SLICES, changed: SLICES } : {}), run: '00000000-0000-4000-8000-000000000000', at: '2026-02-24T06:00:00.000Z',
    codeVersion, write, dataVersion: versionOf(Number(key.slice('silver/a'.length))), inputs, read: Object.fromEntries(Object.keys(inputs).map(each => [each, 0])), tableVersion: 0, rows: 1,
  }
}

/** Writes the table's log, as far as a plan looks at it. */
export function writeTable(lake, made) {
  const { tableVersion, ...provenance } = made
  const log = join(lake, provenance.asset, '_delta_log')
  mkdirSync(log, { recursive: true })
  const schema = { type: 'struct', fields: Array.from({ length: COLUMNS }, (_, c) => ({ name: `c${c}`, type: 'integer', nullable: true, metadata: {} })) }
  const actions = [
    { commitInfo: { timestamp: Date.parse(provenance.at), operation: 'WRITE', operationParameters: {}, engineInfo: 'varve', varve: provenance } },
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    { metaData: { id: '00000000-0000-4000-8000-000000000000', format: { provider: 'parquet', options: {} }, schemaString: JSON.stringify(schema), partitionColumns: [], configuration: {}, createdTime: 0 } },
  ]
  writeFileSync(join(log, `${String(tableVersion).padStart(20, '0')}.json`), actions.map(action => `${JSON.stringify(action)}\n`).join(''))
}
