// Fills a made project's lake and state as if every asset had been made once. argv: the project's root, the lake, the number of assets.
import { made, randomGraph, writeTable } from './made-project.mjs'

import { dist } from './dist.mjs'
const [root, lake, size] = process.argv.slice(2)
const { loadFrame } = await dist('project/frame.js')
const { Database } = await dist('duckdb/database.js')
const { SqliteEventLog } = await dist('state/sqlite-event-log.js')
const { writeVersionOf } = await dist('planning/code-version.js')

const graph = randomGraph(Number(size))
const database = await Database.open()
const frame = await loadFrame({ root, lake }, async () => ({ json: sql => database.use(connection => connection.json(sql)) }))
const log = new SqliteEventLog(frame.stateFile)
const records = graph.map(asset => made(asset, graph, frame.codeVersions.get(asset.key), writeVersionOf(frame.graph.get(asset.key))))
for (const record of records) writeTable(lake, record)
log.record(records)
log.close()
database.close()
