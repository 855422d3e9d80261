import type { FileFormat } from '../definition/file-asset.ts'
import { MalformedFile } from './landing-errors.ts'

/**
 * The columns that a file names, from its first bytes: a CSV's header, the keys of the first JSON objects. Parquet names its own, so
 * it has none here.
 * @throws {MalformedFile} with the line.
 */
export function fileColumns(location: string, format: FileFormat, head: string): readonly string[] {
  switch (format) {
    case 'csv': return csvHeader(location, head)
    case 'json-lines': return jsonKeys(location, jsonLines(location, head))
    case 'json-array': return jsonKeys(location, firstObjects(location, head))
    case 'parquet': return []
  }
}

function csvHeader(location: string, head: string): string[] {
  const names: string[] = []
  const text = head.startsWith('\uFEFF') ? head.slice(1) : head
  let at = 0
  for (;;) {
    const [name, end] = text[at] === '"' ? quotedField(location, text, at) : plainField(text, at)
    names.push(name)
    if (text[end] !== ',') break
    at = end + 1
  }
  const small = names.map(name => name.toLowerCase())
  const twice = small.findIndex((name, i) => small.indexOf(name) !== i)
  // Where the header was lost, what stands there is a row: it is not told.
  if (twice >= 0) throw new MalformedFile(location, `columns ${small.indexOf(small[twice]!) + 1} and ${twice + 1} of the header have one name`, 1)
  if (names.every(name => name.trim() === '')) throw new MalformedFile(location, 'it has no header', 1)
  return names
}

function plainField(text: string, start: number): [string, number] {
  const rest = /[,\r\n]|$/.exec(text.slice(start))!
  return [text.slice(start, start + rest.index), start + rest.index]
}

function quotedField(location: string, text: string, start: number): [string, number] {
  let name = ''
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== '"') name += text[at]
    else if (text[at + 1] === '"') name += text[(at += 1)]
    else return [name, at + 1]
  }
  throw new MalformedFile(location, 'a quote in the header is never closed', 1)
}

/** The objects on the whole lines within the head. */
function* jsonLines(location: string, head: string): Generator<object> {
  const lines = head.split('\n')
  // The last line may be cut; it counts only where it is the first as well.
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '' || (i === lines.length - 1 && i > 0 && !head.endsWith('\n'))) continue
    yield parsedObject(location, line, i + 1)
  }
}

/** The objects of an array that lie wholly within the head, told by their balance of braces. */
export function* firstObjects(location: string, head: string): Generator<object> {
  let depth = 0
  let inText = false
  let start = -1
  let line = 1
  for (let at = 0; at < head.length; at += 1) {
    const letter = head[at]
    if (letter === '\n') line += 1
    if (inText) {
      if (letter === '\\') at += 1
      else if (letter === '"') inText = false
    } else if (letter === '"') inText = true
    else if (letter === '{' && (depth += 1) === 1) start = at
    else if (letter === '}' && (depth -= 1) === 0) yield parsedObject(location, head.slice(start, at + 1), line)
  }
}

function parsedObject(location: string, text: string, line: number): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new MalformedFile(location, `line ${line} is no JSON (${(error as Error).message})`, line)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MalformedFile(location, `line ${line} is no JSON object`, line)
  return value
}

function jsonKeys(location: string, objects: Iterable<object>): string[] {
  const keys = new Set<string>()
  for (const object of objects) for (const key of Object.keys(object)) keys.add(key)
  if (keys.size === 0) throw new MalformedFile(location, 'it has no JSON object', 1)
  return [...keys]
}
