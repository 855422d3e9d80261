// A graph without files: builds it, finds that all of it is fresh, and tells how long each took. argv: the number of assets.
import { dist } from './dist.mjs'
import { made, NOW, randomGraph } from './made-project.mjs'

const { AssetGraph } = await dist('graph/asset-graph.js')
const { plan } = await dist('planning/planner.js')
const { writeVersionOf } = await dist('planning/code-version.js')
const { ledgerShape, withOwnCommit } = await dist('graph/ledger-replay.js')
const { emptyLedger } = await dist('partitions/slice-ledger.js')
const { LakeState } = await dist('vocabulary/lake-state.js')
const { daily, overwrite, samePartition } = await dist('index.js')

const assets = randomGraph(Number(process.argv[2]))
const partitions = daily({ column: 'day', start: '2023-06-01' })
const timed = async work => {
  const started = performance.now()
  const answer = await work()
  return [performance.now() - started, answer]
}
const definitions = assets.map(({ key, reads, sliced }) => ({
  key, kind: 'sql', description: '', write: overwrite(), partitions: sliced ? partitions : undefined, batch: 1, checks: [], owners: [], tags: [], volatile: false, declaredAs: key,
  upstreams: reads.map(read => ({ property: `a${read}`, asset: () => assets[read].key, mapping: samePartition() })), body: () => { throw new Error('nothing is run') },
}))
const [graphMs, graph] = await timed(() => new AssetGraph(definitions))
const codeVersions = new Map(assets.map(({ key }) => [key, `code of ${key}`]))
const records = assets.map(asset => made(asset, assets, codeVersions.get(asset.key), writeVersionOf(graph.get(asset.key))))
const world = { now: new Date(NOW), dynamicKeys: () => [] }
const ledgers = new Map(records.flatMap(record => {
  const definition = graph.get(record.asset)
  return definition.partitions ? [[record.asset, withOwnCommit(emptyLedger(ledgerShape(graph, definition)), graph, definition, record)]] : []
}))
const situation = { graph, state: new LakeState(records), ledgers, world, codeVersions, variables: {} }
const planned = () => timed(() => plan(situation, { selection: '*', keys: graph.keys }))
const [planMs, { steps, fresh }] = await planned()
if (steps.length > 0 || fresh.length !== assets.length) throw new Error(`The plan is not empty: ${steps.length} steps`)
codeVersions.set(assets.at(-100).key, 'another')
const [editMs, edited] = await planned()
if (edited.steps.length === 0) throw new Error('The edit was not seen')
process.stdout.write(JSON.stringify({ graphMs, planMs, editMs }))
