/** Where each node of a graph stands: its column from left to right, and its height in it. In steps of one. */
export interface Layout {
  readonly column: Int32Array
  readonly row: Float64Array
}

/**
 * Lays a graph out in columns, each edge from left to right: longest paths give the columns, sweeps by the middle of the neighbours give the
 * order within one, and the heights come as near to the neighbours as the order lets them. Edges that cross several columns keep a
 * place in each. After Sugiyama, Tagawa and Toda (1981). An edge that would close a circle is left aside. Where columns would be much higher than
 * all of them are wide, each stands as several side by side.
 */
export function layeredLayout(size: number, edges: readonly (readonly [from: number, to: number])[]): Layout {
  const column = longestPaths(size, edges)
  const { columns, before, after } = withPlaceholders(size, column, edges)
  const order = sweep(columns, before, after)
  const row = settle(order, before, after)
  return broad({ column: column.subarray(0, size), row: row.subarray(0, size) })
}

/** How much wider than high a drawing should be, and a column than a row. */
const BREADTH = 1.6
const PITCH = 7.5

/** The nodes of a column in turn in each of those that take its place: neighbours stay near, and at least one apart. */
function broad({ column, row }: Layout): Layout {
  const columns = new Map<number, number[]>()
  for (const [node, at] of column.entries()) {
    const nodes = columns.get(at)
    if (nodes) nodes.push(node)
    else columns.set(at, [node])
  }
  const height = row.reduce((most, at) => Math.max(most, at), 0) - row.reduce((least, at) => Math.min(least, at), 0)
  const times = Math.floor(Math.sqrt((BREADTH * height) / (PITCH * Math.max(1, columns.size))))
  if (times < 2) return { column, row }
  const turn = new Int32Array(column.length)
  for (const nodes of columns.values()) for (const [i, node] of nodes.toSorted((a, b) => row[a]! - row[b]!).entries()) turn[node] = i % times
  return { column: column.map((at, node) => at * times + turn[node]!), row: row.map(at => at / times) }
}

function longestPaths(size: number, edges: readonly (readonly [number, number])[]): Int32Array {
  const after: number[][] = Array.from({ length: size }, () => [])
  const open = new Int32Array(size)
  for (const [from, to] of edges) {
    after[from]!.push(to)
    open[to]! += 1
  }
  const column = new Int32Array(size)
  const ready: number[] = []
  for (let node = 0; node < size; node += 1) if (open[node] === 0) ready.push(node)
  for (let i = 0; i < ready.length; i += 1) {
    for (const next of after[ready[i]!]!) {
      column[next] = Math.max(column[next]!, column[ready[i]!]! + 1)
      open[next]! -= 1
      if (open[next] === 0) ready.push(next)
    }
  }
  return column
}

interface Placed {
  readonly columns: number[][]
  /** The neighbours to the left and to the right of each node and placeholder. */
  readonly before: number[][]
  readonly after: number[][]
}

function withPlaceholders(size: number, column: Int32Array, edges: readonly (readonly [number, number])[]): Placed {
  const before: number[][] = Array.from({ length: size }, () => [])
  const after: number[][] = Array.from({ length: size }, () => [])
  const columns: number[][] = Array.from({ length: column.reduce((most, at) => Math.max(most, at), 0) + 1 }, () => [])
  for (let node = 0; node < size; node += 1) columns[column[node]!]!.push(node)
  const join = (left: number, right: number): void => {
    after[left]!.push(right)
    before[right]!.push(left)
  }
  for (const [from, to] of edges) {
    let last = from
    for (let at = column[from]! + 1; at < column[to]!; at += 1) {
      const placeholder = before.length
      before.push([])
      after.push([])
      columns[at]!.push(placeholder)
      join(last, placeholder)
      last = placeholder
    }
    if (column[to]! > column[from]!) join(last, to)
  }
  return { columns, before, after }
}

const SWEEPS = 12

function sweep(columns: readonly (readonly number[])[], before: readonly (readonly number[])[], after: readonly (readonly number[])[]): number[][] {
  let order = columns.map(nodes => [...nodes])
  const place = new Float64Array(before.length)
  const note = () => { for (const nodes of order) for (const [i, node] of nodes.entries()) place[node] = i }
  note()
  let best = { crossings: crossings(order, after, place), order: order.map(nodes => [...nodes]) }
  for (let turn = 0; turn < SWEEPS && best.crossings > 0; turn += 1) {
    const neighbours = turn % 2 === 0 ? before : after
    for (const nodes of turn % 2 === 0 ? order : order.toReversed()) {
      const middle = new Map(nodes.map(node => [node, mean(neighbours[node]!, place) ?? place[node]!]))
      nodes.sort((a, b) => middle.get(a)! - middle.get(b)!)
      for (const [i, node] of nodes.entries()) place[node] = i
    }
    const now = crossings(order, after, place)
    if (now < best.crossings) best = { crossings: now, order: order.map(nodes => [...nodes]) }
  }
  order = best.order
  return order
}

/** How many edges cross between neighbouring columns: pairs that are in the wrong order, counted with a Fenwick tree. */
function crossings(order: readonly (readonly number[])[], after: readonly (readonly number[])[], place: Float64Array): number {
  let count = 0
  for (const [i, nodes] of order.entries()) {
    const width = order[i + 1]?.length ?? 0
    const tree = new Uint32Array(width + 2)
    let seen = 0
    for (const node of nodes) {
      const ends = after[node]!.map(next => place[next]!)
      for (const end of ends) {
        let lower = 0
        for (let at = end + 1; at > 0; at -= at & -at) lower += tree[at]!
        count += seen - lower
      }
      for (const end of ends) for (let at = end + 1; at <= width; at += at & -at) tree[at]! += 1
      seen += ends.length
    }
  }
  return count
}

const PASSES = 8

function settle(order: readonly (readonly number[])[], before: readonly (readonly number[])[], after: readonly (readonly number[])[]): Float64Array {
  const row = new Float64Array(before.length)
  for (const nodes of order) for (const [i, node] of nodes.entries()) row[node] = i
  for (let pass = 0; pass < PASSES; pass += 1) {
    const neighbours = pass % 2 === 0 ? before : after
    for (const nodes of pass % 2 === 0 ? order : order.toReversed()) {
      const wanted = nodes.map(node => mean(neighbours[node]!, row) ?? row[node]!)
      for (const [i, height] of apart(wanted).entries()) row[nodes[i]!] = height
    }
  }
  return row
}

/** The heights nearest to those wanted, in their order and at least one apart: pools of neighbours that would stand too close move as one. */
function apart(wanted: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = []
  for (const [i, height] of wanted.entries()) {
    const pool = { sum: height - i, count: 1 }
    for (let last = pools.at(-1); last && last.sum / last.count >= pool.sum / pool.count; last = pools.at(-1)) {
      pool.sum += last.sum
      pool.count += last.count
      pools.pop()
    }
    pools.push(pool)
  }
  const heights: number[] = []
  for (const { sum, count } of pools) for (let i = 0; i < count; i += 1) heights.push(sum / count + heights.length)
  return heights
}

function mean(nodes: readonly number[], values: Float64Array): number | undefined {
  if (nodes.length === 0) return undefined
  let sum = 0
  for (const node of nodes) sum += values[node]!
  return sum / nodes.length
}
