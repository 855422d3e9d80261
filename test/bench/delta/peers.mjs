import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dist } from '../planning/dist.mjs'
import { spread } from '../measure.mjs'
import { batchOf, TARGET } from './rows.mjs'

const peers = join(import.meta.dirname, '../../../.peers')
const python = join(peers, 'venv/bin/python')
const DEEDS = ['create', 'merge', 'scan']

/** The same table made, merged into and scanned by each engine, from and to files, commits included: in turns, and without the engines' starts. */
export async function peersBench(database, folder, { rounds }) {
  if (!existsSync(python)) return ['  other engines: skipped, they are not installed (npm run test:delta-peers installs them)']
  const raw = join(folder, 'raw')
  const batch = join(folder, 'batch.parquet')
  const [{ rows }] = await database.use(async connection => {
    const counted = await connection.rows(`select count(*) as rows from read_parquet('${raw}/*.parquet')`)
    await connection.run(`copy (${batchOf(Number(counted[0].rows))}) to '${batch}' (format parquet)`)
    return counted
  })
  const engines = { varve: await ours(database), 'delta-rs': await Peer.start('delta-rs'), spark: await Peer.start('spark') }
  const took = Object.fromEntries(Object.keys(engines).map(name => [name, Object.fromEntries(DEEDS.map(deed => [deed, []]))]))
  const sums = new Set()
  try {
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, engine] of Object.entries(engines)) {
        const table = join(folder, `by-${name}`)
        for (const deed of DEEDS) {
          const { ms, sum } = await engine.ask({ do: deed, table, raw, batch })
          if (round >= 0) took[name][deed].push(ms)
          if (sum !== undefined) sums.add(sum)
        }
        rmSync(table, { recursive: true, force: true })
      }
    }
  } finally {
    for (const engine of Object.values(engines)) engine.stop?.()
  }
  if (sums.size !== 1) throw new Error(`The engines came to different sums of ${rows} rows: ${[...sums].join(', ')}`)
  return ['  create from files, merge of 100,000 random rows from a file, scan of 3 columns after it, ms:', ...Object.entries(took).map(([name, deeds]) => `    ${name}: ${DEEDS.map(deed => spread(deeds[deed])).join(', ')}`)]
}

async function ours(database) {
  const [{ DeltaTable }, { LocalLogStore }, { stageMerge }, { deltaSchemaOf }, { newTable }, { writeDataFiles }] = await Promise.all(
    ['delta-table', 'local-log-store', 'merge', 'schema', 'stage', 'write-data-files'].map(name => dist(`delta/${name}.js`)))
  const open = root => new DeltaTable(root, new LocalLogStore(root), database)
  const deeds = {
    create: (connection, { table: root, raw }) => {
      const from = `from read_parquet('${raw}/*.parquet')`
      return connection.describe(from).then(async columns => {
        const schema = deltaSchemaOf(columns)
        const files = await writeDataFiles(connection, from, { root, schema, partitionColumns: [] }, { targetFileSize: TARGET })
        await open(root).commit(newTable({ schema, files, profile: 'modern' }), undefined, { operation: 'CREATE TABLE AS SELECT' })
      })
    },
    merge: async (connection, { table, batch }) => {
      const base = await open(table).snapshot()
      const { change } = await stageMerge(connection, base, `from read_parquet('${batch}')`, { on: ['id'] })
      await open(table).commit(change, base, { operation: 'MERGE' })
    },
    scan: async (connection, { table }) => {
      const scan = await (await open(table).snapshot()).scanSql({ columns: ['n', 'category', 'd'] })
      const [{ n }] = await connection.rows(`select sum(n)::bigint as n, min(category) as c, sum(d) as d from (${scan})`)
      return String(n)
    },
  }
  return {
    ask: request => database.use(async connection => {
      const start = performance.now()
      const sum = await deeds[request.do](connection, request)
      return { ms: performance.now() - start, sum }
    }),
  }
}

/** Another engine in a process of its own: a JSON request a line, a JSON answer a line. */
class Peer {
  #lines
  #said = ''

  constructor(name, child) {
    this.name = name
    this.child = child
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    child.stderr.on('data', text => (this.#said = (this.#said + text).slice(-4000)))
  }

  static async start(name) {
    const jars = ['delta-spark_2.13-4.0.1.jar', 'delta-storage-4.0.1.jar'].map(jar => join(peers, 'jars', jar)).join(',')
    const peer = new Peer(name, spawn(python, [join(import.meta.dirname, 'peers.py'), name, jars, join(peers, 'warehouse')], { env: { ...process.env, TZ: 'UTC', PYSPARK_PYTHON: python } }))
    await peer.#answer()
    return peer
  }

  async ask(request) {
    this.child.stdin.write(`${JSON.stringify(request)}\n`)
    const answer = await this.#answer()
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`)
    return answer
  }

  stop() {
    this.child.stdin.end()
    this.child.kill()
  }

  async #answer() {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Error(`${this.name} ended: ${this.#said}`)
      if (value.startsWith('{')) return JSON.parse(value)
    }
  }
}
