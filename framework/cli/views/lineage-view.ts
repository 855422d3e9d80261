import { columnRef, type LineageGraph } from '../../graph/lineage-graph.ts'
import type { LineageFinding } from '../../project/lineage-findings.ts'
import type { Style } from '../terminal/style.ts'
import { tableLines } from './table-view.ts'

/** A line an asset, with what it reads: first what is made of nothing, then what is made of that, and so on. */
export function lineageLines({ nodes, edges }: LineageGraph, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const reads = new Map<string, string[]>(nodes.map(({ key }) => [key, []]))
  for (const { from, to } of edges) reads.get(to)?.push(from)
  const rows = upstreamsFirst(nodes, edges).map(({ key }) => [key, reads.get(key)!.join(', ')])
  return tableLines([{ title: 'asset', least: 30, paint: style.bold }, { title: 'is made of', least: 20, wrap: true }], rows, { width, style })
}

/** A line a column, with the columns that go into it; those that only decide on rows stand at the asset's own line. */
export function columnLines({ nodes, edges, columnEdges = [] }: LineageGraph, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const values = new Map<string, string[]>()
  const deciding = new Map<string, Set<string>>()
  const owner = new Map(nodes.flatMap(({ key, columns = [] }) => columns.map(({ name }) => [columnRef(key, name), key])))
  for (const { from, to, relation, kind, masked } of columnEdges) {
    if (relation === 'value') values.set(to, [...(values.get(to) ?? []), `${from}${kind === 'identity' ? '' : ` (${masked ? 'masked' : kind})`}`])
    else deciding.set(owner.get(to)!, (deciding.get(owner.get(to)!) ?? new Set()).add(from))
  }
  const rows = upstreamsFirst(nodes, edges).flatMap(({ key, columns = [] }) => [
    [key, '', deciding.has(key) ? `rows: ${[...deciding.get(key)!].join(', ')}` : ''],
    ...columns.map(({ name, type, tags }) => [`  ${name}`, [type.toLowerCase(), ...tags].join(' '), (values.get(columnRef(key, name)) ?? []).join(', ')]),
  ])
  const bold = (shown: string, cell: string) => (cell.startsWith(' ') ? shown : style.bold(shown))
  return tableLines([{ title: 'column', least: 24, paint: bold }, { title: 'type', least: 10, paint: style.dim }, { title: 'is made of', least: 20, wrap: true }], rows, { width, style })
}

/** The nodes by how many steps they are from those that read nothing, at the longest; else in their order. */
function upstreamsFirst(nodes: LineageGraph['nodes'], edges: LineageGraph['edges']): LineageGraph['nodes'] {
  const depths = new Map(nodes.map(({ key }) => [key, 0]))
  let deeper = true
  for (let round = 0; deeper && round < nodes.length; round += 1) {
    deeper = false
    for (const { from, to } of edges) {
      const depth = depths.get(from)! + 1
      if (from === to || depths.get(to)! >= depth) continue
      depths.set(to, depth)
      deeper = true
    }
  }
  return nodes.toSorted((a, b) => depths.get(a.key)! - depths.get(b.key)!)
}

/** What `lineage --check` found. */
export function findingLines(findings: readonly LineageFinding[], assets: number, { style }: { readonly style: Style }): string[] {
  const failing = findings.filter(({ fails }) => fails).length
  const told = findings.flatMap(({ asset, message, code, fails }) => [`${fails ? style.red('x') : style.yellow('!')} ${style.bold(asset)}: ${message} ${style.dim(`[${code}]`)}`])
  return [...told, failing > 0 ? `${failing} of the lineage's rules ${failing === 1 ? 'is' : 'are'} broken.` : `The lineage of ${assets} ${assets === 1 ? 'asset' : 'assets'} holds.`]
}

/** What `lineage --format json` prints. */
export const lineageDocument = ({ nodes, edges, columnEdges }: LineageGraph) => ({
  nodes: nodes.map(({ key, layer, columns }) => ({ key, layer, ...(columnEdges && { columns: (columns ?? []).map(({ name, type, tags }) => ({ name, type, tags })) }) })),
  edges: edges.map(({ from, to }) => ({ from, to })),
  ...(columnEdges && { columnEdges: columnEdges.map(({ from, to, relation, kind, masked }) => ({ from, to, relation, kind, masked })) }),
})
