import { fingerprint } from '../vocabulary/version.ts'

/** Modules that are bundled together, by their paths. */
export interface Segment {
  /** Stays while its first module does. */
  readonly name: string
  readonly modules: readonly string[]
}

/**
 * Cuts modules into segments so that each imports only of itself and of segments before it: modules that import each other in a circle stay
 * together. Where one ends depends on the paths near it and not on how many there are, so that a module more or less moves few of them.
 */
export function segmentsOf(entries: readonly string[], importsOf: (path: string) => readonly string[], { least, most }: SegmentSizes = SIZES): Segment[] {
  const segments: Segment[] = []
  let open: string[] = []
  const close = () => {
    if (open.length > 0) segments.push({ name: `s${fingerprint(open[0]!).slice(0, 16)}`, modules: open })
    open = []
  }
  for (const circle of circlesOf(entries, importsOf)) {
    open.push(...circle)
    if (open.length >= most || (open.length >= least && hash(circle.at(-1)!) % least === 0)) close()
  }
  close()
  return segments
}

/** How many modules a segment has; a circle of more stays whole. */
export interface SegmentSizes {
  readonly least: number
  readonly most: number
}

const SIZES: SegmentSizes = { least: 128, most: 512 }

/** The strongly connected components, what is imported first: Tarjan's algorithm, with a stack of its own since a chain of modules may be longer than the engine's. */
export function* circlesOf(entries: readonly string[], importsOf: (path: string) => readonly string[]): Generator<readonly string[]> {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const waiting: string[] = []
  const isWaiting = new Set<string>()
  for (const entry of entries) {
    if (index.has(entry)) continue
    const stack: { readonly path: string; readonly imports: Iterator<string> }[] = []
    const enter = (path: string) => {
      low.set(path, index.size)
      index.set(path, index.size)
      waiting.push(path)
      isWaiting.add(path)
      stack.push({ path, imports: importsOf(path)[Symbol.iterator]() })
    }
    enter(entry)
    while (stack.length > 0) {
      const { path, imports } = stack.at(-1)!
      const next = imports.next()
      if (!next.done) {
        if (!index.has(next.value)) enter(next.value)
        else if (isWaiting.has(next.value)) low.set(path, Math.min(low.get(path)!, index.get(next.value)!))
        continue
      }
      stack.pop()
      const above = stack.at(-1)?.path
      if (above !== undefined) low.set(above, Math.min(low.get(above)!, low.get(path)!))
      if (low.get(path) !== index.get(path)) continue
      const circle = waiting.splice(waiting.lastIndexOf(path))
      for (const each of circle) isWaiting.delete(each)
      yield circle
    }
  }
}

/** FNV-1a: 32 bits are enough to cut by. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0
  return value
}
