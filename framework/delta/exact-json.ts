/** Numbers outside of texts that a double may not hold: fifteen digits are always safe, wherever their point stands. */
const LONG_NUMBER = /"(?:[^"\\]|\\.)*"|-?(?=[\d.]{16})\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Parses JSON so that no digit is lost: numbers too long for a double come as their text. */
export function parseExact(json: string): unknown {
  if (!/[\d.]{16}/.test(json)) return JSON.parse(json)
  return JSON.parse(json.replace(LONG_NUMBER, found => (found.startsWith('"') ? found : `"${found}"`)))
}

/**
 * The objects of a JSON text, one after the other. Writers put one on each line; some pretty-print them over several, so where a line
 * does not parse by itself the text is cut at the braces instead. @throws SyntaxError where the text is not a run of objects
 */
export function* jsonObjects(text: string): Generator<object> {
  let start = 0
  while (start < text.length) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const line = text.slice(start, end).trim()
    if (line !== '') {
      let object: unknown
      try {
        object = JSON.parse(line)
      } catch {
        yield* bracedObjects(text.slice(start))
        return
      }
      if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new SyntaxError(`expected an object but found ${line.slice(0, 40)}`)
      yield object
    }
    start = end + 1
  }
}

function* bracedObjects(text: string): Generator<object> {
  let depth = 0
  let start = 0
  let inText = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (inText) {
      if (char === '\\') i += 1
      else if (char === '"') inText = false
    } else if (char === '"') inText = true
    else if (char === '{') {
      if (depth === 0) {
        if (text.slice(start, i).trim() !== '') throw new SyntaxError(`unexpected ${text.slice(start, i).trim().slice(0, 40)}`)
        start = i
      }
      depth += 1
    } else if (char === '}') {
      depth -= 1
      if (depth < 0) throw new SyntaxError('unexpected }')
      if (depth === 0) {
        yield JSON.parse(text.slice(start, i + 1)) as object
        start = i + 1
      }
    }
  }
  if (text.slice(start).trim() !== '') throw new SyntaxError('the text ends in the middle of an object')
}
