import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Place } from '../vocabulary/errors.ts'

/** Where an entry of a YAML or JSON file stands, by the keys that lead to it. Only a mistake wants to know, so that the file is parsed then. */
export async function placeIn(root: string, path: string, steps: readonly (string | number)[]): Promise<Place> {
  const { LineCounter, isMap, isScalar, parseDocument } = await import('yaml')
  const file = relative(root, path)
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines })
  const parent = document.getIn(steps.slice(0, -1), true)
  const key = isMap(parent) ? parent.items.find(pair => String(isScalar(pair.key) ? pair.key.value : pair.key) === String(steps.at(-1)))?.key : undefined
  const node = (key ?? document.getIn(steps, true)) as { range?: readonly [number, number, number] | null } | undefined
  const offset = node?.range?.[0]
  if (offset === undefined) return { file }
  const { line, col } = lines.linePos(offset)
  return { file, line, column: col }
}
