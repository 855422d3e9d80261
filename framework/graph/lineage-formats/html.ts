import { inOrder } from '../lineage.ts'
import { columnRef, type LineageGraph } from '../lineage-graph.ts'
import { PAGE_SCRIPT } from './html-script.ts'
import { PAGE_STYLE } from './html-style.ts'
import { layeredLayout } from './layered-layout.ts'
import { xmlText } from './xml-text.ts'

export interface HtmlOptions {
  readonly title?: string | undefined
}

/** The graph as one page that needs nothing else: pan, zoom, search, and the paths of a column both ways. */
export function html(graph: LineageGraph, { title = 'Lineage' }: HtmlOptions = {}): string {
  // In a script, only `<` could end it.
  const data = JSON.stringify(pageData(graph)).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${xmlText(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<canvas id="graph" tabindex="0" aria-label="Lineage graph"></canvas>
<header>
  <input id="search" type="search" placeholder="Search assets and columns ( / )" aria-label="Search" autocomplete="off" spellcheck="false">
  <button id="fit" type="button">Fit</button>
  <label><input id="rows" type="checkbox"> also what decides on rows</label>
  <ol id="found" hidden></ol>
</header>
<aside id="panel" hidden></aside>
<script type="application/json" id="data">${data}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`
}

/** What the page draws from: numbers in place of names, so that thousands of assets stay small. */
interface PageData {
  readonly layers: readonly string[]
  readonly kinds: readonly string[]
  readonly nodes: readonly { readonly key: string; readonly layer: number; readonly kind?: string | undefined; readonly description?: string | undefined; readonly x: number; readonly y: number; readonly columns: readonly (readonly [name: string, type: string, tags: string])[] }[]
  readonly edges: readonly (readonly [from: number, to: number])[]
  /** Ends as numbers of columns, counted through all nodes; then 1 if it decides on rows; the kind; 1 if masked. */
  readonly columnEdges: readonly (readonly [from: number, to: number, rowset: number, kind: number, masked: number])[]
}

function pageData(graph: LineageGraph): PageData {
  const { nodes, edges, columnEdges = [] } = inOrder(graph)
  const number = new Map(nodes.map(({ key }, i) => [key, i]))
  const links = edges.map(({ from, to }) => [number.get(from)!, number.get(to)!] as const)
  const { column, row } = layeredLayout(nodes.length, links)
  const layers = [...new Set(nodes.map(({ layer }) => layer))]
  const kinds = [...new Set(columnEdges.map(({ kind }) => kind))]
  const columnNumber = new Map(nodes.flatMap(({ key, columns = [] }) => columns.map(({ name }) => columnRef(key, name))).map((ref, i) => [ref, i]))
  return {
    layers,
    kinds,
    nodes: nodes.map(({ key, layer, kind, description, columns = [] }, i) => ({
      key, layer: layers.indexOf(layer), kind, description, x: column[i]!, y: Math.round(row[i]! * 100) / 100,
      columns: columns.map(({ name, type, tags }) => [name, type, tags.join(', ')] as const),
    })),
    edges: links,
    columnEdges: columnEdges.map(({ from, to, relation, kind, masked }) => [columnNumber.get(from)!, columnNumber.get(to)!, relation === 'rowset' ? 1 : 0, kinds.indexOf(kind), masked ? 1 : 0] as const),
  }
}
