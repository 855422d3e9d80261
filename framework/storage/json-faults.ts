/**
 * What is wrong with a JSON object that was parsed, though it could be: readers would disagree about it, or not give back what it says.
 * RFC 8259 leaves both to them (sections 4 and 6), and half a surrogate pair is no text (section 8.2).
 */
export function jsonFault(text: string, value: object): string | undefined {
  const { names, depth } = shapeOf(text)
  if (depth > DEEPEST) return 'is nested too deeply'
  if (keysIn(value) !== names) return 'names a key twice'
  if (/\\u[dD][89a-fA-F]/.test(text) && !isWellFormed(value)) return 'holds half of a surrogate pair, which is no text'
  if (MANY_DIGITS.test(text) && numbersIn(text).some(isInexact)) return 'holds a number with more digits than a reader keeps; they are kept in quotes'
  return undefined
}

/** What a line that cannot be parsed suffers from. What it holds may be anybody's data: it is not repeated. */
export function parseFault(text: string, error: Error): string {
  if (error instanceof RangeError) return 'is nested too deeply'
  if (/Unterminated|Unexpected end/.test(error.message)) return 'is no JSON: it ends in the middle'
  return /(^|[[:,\s])-?(NaN|Infinity)\b/.test(text) ? 'is no JSON: NaN and Infinity are no numbers there' : 'is no JSON'
}

/** How many members all objects within it have. */
function keysIn(value: object): number {
  let keys = 0
  const rest: object[] = [value]
  for (let next = rest.pop(); next; next = rest.pop()) {
    if (!Array.isArray(next)) keys += Object.keys(next).length
    for (const inner of Object.values(next) as unknown[]) if (typeof inner === 'object' && inner !== null) rest.push(inner)
  }
  return keys
}

/** How many members the text names, since a colon stands behind each name and else in texts only; and how deep it is nested. */
function shapeOf(text: string): { readonly names: number; readonly depth: number } {
  let [names, depth, deepest] = [0, 0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charCodeAt(at)
    if (letter === QUOTE) at = endOfText(text, at)
    else if (letter === COLON) names += 1
    else if (OPENS.has(letter)) deepest = Math.max(deepest, (depth += 1))
    else if (CLOSES.has(letter)) depth -= 1
  }
  return { names, depth: deepest }
}

/** The place of the quote that closes the text which opens there. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === ESCAPE) escapes += 1
    if (escapes % 2 === 0) return end
  }
  return text.length
}

const QUOTE = 34
const COLON = 58
const OPENS = new Set([91, 123])
const CLOSES = new Set([93, 125])
/** Parsers that go down by calling themselves end somewhere beyond. */
const DEEPEST = 1000
const ESCAPE = 92

function isWellFormed(value: unknown): boolean {
  const rest: unknown[] = [value]
  while (rest.length > 0) {
    const next = rest.pop()
    if (typeof next === 'string' && LONE.test(next)) return false
    if (typeof next === 'object' && next !== null) rest.push(...Object.keys(next), ...(Object.values(next) as unknown[]))
  }
  return true
}

const LONE = /\p{Surrogate}/u

/** Ten digits or more before the point: of fewer, what a double leaves out is less than any amount of money or rate is told in. */
const MANY_DIGITS = /\d{10}\.\d/

const numbersIn = (text: string): string[] => [...text.replace(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/-?\d{10,}\.\d+(?![\d.]*[eE])/g)].map(([number]) => number)

/** Whether the shortest text of the double that stands for a decimal is another number. */
const isInexact = (decimal: string): boolean => {
  const text = String(Number(decimal))
  return text.includes('e') || plain(text) !== plain(decimal)
}
const plain = (decimal: string): string => decimal.replace(/^(-?)0+(?=\d)/, '$1').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
