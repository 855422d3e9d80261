import type { AssetKey } from '../vocabulary/asset-key.ts'
import { columnPath } from './lineage.ts'
import { columnRef, type LineageGraph } from './lineage-graph.ts'
import type { SelectionFacts } from './selection-graph.ts'

/** What `column:` in a selection asks: the assets through which a column's values flow, on their way in and out. */
export const columnFacts = (graph: LineageGraph): Pick<SelectionFacts, 'columnClosure'> => ({
  columnClosure: (key, column) => columnPath(graph, columnRef(key, column), {}, ['value']).nodes.map(node => node.key as AssetKey),
})
