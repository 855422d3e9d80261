import { join } from 'node:path'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { LineageOutcome } from '../graph/column-lineage-batch.ts'
import type { LineageSession } from '../graph/column-lineage-shadow.ts'
import { inheritedTags } from '../graph/inherited-tags.ts'
import { columnRef, type LineageGraph } from '../graph/lineage-graph.ts'
import { unmaskedPaths } from '../graph/unmasked-paths.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, throwMistakes, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { readJson, replaceFile } from './cache.ts'
import { projectLineage, type LineageFrame } from './column-lineage-of-project.ts'
import type { ProjectFrame } from './frame.ts'
import { maskingMistakes } from './masking-guard.ts'
import { columnGraph } from './lineage-of-project.ts'

export type GuardedFrame = LineageFrame & Pick<ProjectFrame, 'codeVersions' | 'masking'>

/** `pii`, or `pii:` and what it is of a person. */
export const isPersonal = (tag: string): boolean => tag === 'pii' || tag.startsWith('pii:')

/**
 * Refuses a project in which personal data comes unmasked to a guarded layer. What was found good is not looked at again until something
 * changes that it hangs on. @throws every way at once
 */
export async function guardPersonalData(frame: GuardedFrame, withSession: <T>(work: (session: LineageSession) => Promise<T>) => Promise<T>): Promise<void> {
  const { graph, contracts, cacheFolder } = frame
  const { definitions } = graph
  throwMistakes(definitions.filter(({ lineage }) => lineage).flatMap(definition => unknownSources(definition, graph.upstreamKeysOf(definition.key))))
  const waives = definitions.some(({ waivers }) => waivers)
  if (!waives && !frame.masking && ![...contracts.values()].some(({ columns }) => columns.some(({ tags = [] }) => tags.some(isPersonal)))) return
  const kept = join(cacheFolder, 'personal-data.json')
  const stamp = stampOf(frame, definitions)
  if ((readJson(kept) as { readonly stamp?: string } | undefined)?.stamp === stamp) return
  const outcomes = await withSession(session => projectLineage(frame, session))
  const whole = columnGraph(frame, outcomes)
  throwMistakes([...unknownWaivers(whole, definitions, outcomes), ...unmaskedPersonalData(whole, frame), ...(frame.masking ? await maskingMistakes(frame.masking, { whole, graph, guarded: frame.config.pii.layers, isPersonal }) : [])])
  replaceFile(kept, JSON.stringify({ stamp }))
}

/** A mistake for each guarded column that shows personal data, with the way on which it comes there. */
export function unmaskedPersonalData(whole: LineageGraph, { graph, config }: Pick<LineageFrame, 'graph' | 'config'>): UnmaskedPersonalData[] {
  const tags = new Set(whole.nodes.flatMap(({ columns = [] }) => columns.flatMap(column => column.tags)).filter(isPersonal))
  const waived = isWaived(graph)
  const origins = originsOnly(whole, waived)
  const found = [...tags].sort().flatMap(tag => unmaskedPaths(origins, tag, key => config.pii.layers.includes(layerOf(key as AssetKey)), waived))
  const ways = new Map<string, { readonly columns: readonly string[]; readonly tags: string[] }>()
  for (const { columns, tag } of found) {
    const way = ways.get(columns.at(-1)!)
    if (way) way.tags.push(tag)
    else ways.set(columns.at(-1)!, { columns, tags: [tag] })
  }
  return [...ways.values()].map(({ columns, tags }) => new UnmaskedPersonalData(columns, tags, definition => graph.get(definition)))
}

/** The graph with each tag only where it comes from: not on a column into which an asset below passes the same tag. So a way begins at its source. */
function originsOnly(whole: LineageGraph, waived: (column: string) => boolean): LineageGraph {
  const inherited = new Map(inheritedTags(whole, isPersonal, waived).nodes.flatMap(({ key, columns = [] }) => columns.map(({ name, tags }) => [columnRef(key, name), { key, tags }])))
  const passed = new Map<string, Set<string>>()
  for (const { from, to, relation, masked } of whole.columnEdges ?? []) {
    if (relation !== 'value' || masked || waived(to) || inherited.get(from)!.key === inherited.get(to)!.key) continue
    passed.set(to, new Set([...(passed.get(to) ?? []), ...inherited.get(from)!.tags]))
  }
  const own = (ref: string, tags: readonly string[]) => tags.filter(tag => !passed.get(ref)?.has(tag))
  return { ...whole, nodes: whole.nodes.map(node => ({ ...node, columns: node.columns?.map(column => ({ ...column, tags: own(columnRef(node.key, column.name), column.tags) })) })) }
}

/** Whether a column may show personal data by the word of its asset's author. */
export function isWaived(graph: LineageFrame['graph']): (column: string) => boolean {
  const waived = new Set(graph.keys.flatMap(key => Object.keys(graph.get(key).waivers ?? {}).map(name => columnRef(key, name))))
  return column => waived.has(column)
}

function stampOf({ codeVersions, contracts, queries, config, masking }: GuardedFrame, definitions: readonly AssetDefinition[]): string {
  const marked = new Map(queries.map(({ definition, marked }) => [definition.key, marked]))
  return fingerprint(
    GUARD,
    JSON.stringify([config.pii, [...contracts], masking?.layers, masking?.policy.rules]),
    ...definitions.flatMap(({ key, kind, contract, columns, waivers, lineage, write, checks }) => [key, codeVersions.get(key) ?? '', marked.get(key) ?? '', JSON.stringify([kind, contract, columns, waivers, lineage, write, checks.flatMap(({ rule }) => (rule.kind === 'masked' ? [rule.column] : []))])]),
  )
}

/** To be raised when the guard learns to find more. */
const GUARD = '2'

function unknownWaivers(whole: LineageGraph, definitions: readonly AssetDefinition[], outcomes: ReadonlyMap<string, LineageOutcome>): ExplainedError[] {
  const columns = new Map(whole.nodes.map(({ key, columns = [] }) => [key, columns.map(({ name }) => name)]))
  return definitions.flatMap(definition => {
    const known = columns.get(definition.key) ?? []
    if (known.length === 0 || outcomes.get(definition.key)?.type === 'refused') return []
    return Object.keys(definition.waivers ?? {}).filter(name => !known.includes(name)).map(name => new UnknownWaiver(definition, name, known))
  })
}

function unknownSources(definition: AssetDefinition, upstreams: readonly AssetKey[]): ExplainedError[] {
  const wrong = Object.values(definition.lineage ?? {}).flat().filter(ref => !upstreams.includes(ref.slice(0, Math.max(0, ref.lastIndexOf('.'))) as AssetKey))
  return [...new Set(wrong)].map(ref => new UnknownLineageSource(definition, ref, upstreams))
}

/** A column tagged as personal data whose values come to a guarded layer as they are. */
export class UnmaskedPersonalData extends ExplainedError {
  readonly code = 'project/unmasked-personal-data'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(readonly columns: readonly string[], readonly tags: readonly string[], definitionOf: (key: AssetKey) => AssetDefinition) {
    const end = columns.at(-1)!
    const column = end.slice(end.lastIndexOf('.') + 1)
    const asset = end.slice(0, end.lastIndexOf('.')) as AssetKey
    super(`Personal data (${tags.join(', ')}) reaches ${end} unmasked: ${columns.join(' -> ')}`)
    this.hint = `Mask it on the way with an expression in mask(sql\`...\`), or leave it out. If it has to be seen there, say why: @Asset({ waivers: { ${column}: '...' } }) on ${asset}.`
    this.place = definitionOf(asset).place
  }
}

export class UnknownWaiver extends ExplainedError {
  readonly code = 'project/unknown-waiver'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition, column: string, known: readonly string[]) {
    super(`${definition.key} waives the protection of ${column}, but has no such column.`)
    this.hint = didYouMean(column, known, `It has ${known.join(', ')}.`)
    this.place = definition.place
  }
}

export class UnknownLineageSource extends ExplainedError {
  readonly code = 'project/unknown-lineage-source'
  readonly hint: string
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition, source: string, upstreams: readonly AssetKey[]) {
    super(`${definition.key} declares to be made of ${source}, which is no column of one of its upstreams.`)
    this.hint = `Write asset.column, of ${upstreams.length === 0 ? 'an upstream; it has none' : upstreams.join(' or ')}.`
    this.place = definition.place
  }
}
