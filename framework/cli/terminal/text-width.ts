/** How many cells of a terminal the text takes. Colours and links take none. */
export function textWidth(text: string): number {
  if (/^[\u0020-\u007E]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes().segment(text.replaceAll(ESCAPE_SEQUENCES, ''))) width += graphemeWidth(segment)
  return width
}

/** The text cut to so many cells, its last one an ellipsis. Takes text without colours. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  if (width <= 1) return '…'.slice(0, Math.max(0, width))
  let shown = ''
  let room = width - 1
  for (const { segment } of graphemes().segment(text)) {
    room -= graphemeWidth(segment)
    if (room < 0) break
    shown += segment
  }
  return `${shown}…`
}

/** The text in lines of so many cells at most, broken between words where it can be. What stands on a line of its own begins a new one. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const room = width - indent.length
  return text.split('\n').flatMap(line => broken(line, room)).map(line => indent + line)
}

function broken(line: string, room: number): string[] {
  if (textWidth(line) <= room) return [line]
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && textWidth(current) + 1 + textWidth(word) > room) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  lines.push(current)
  return lines
}

/** The text in pieces of so many cells at most, broken behind a sign that parts a name where there is one. */
export function pieces(text: string, width: number): string[] {
  if (textWidth(text) <= width) return [text]
  const found: string[] = []
  let current = ''
  for (const { segment } of graphemes().segment(text)) {
    if (current !== '' && textWidth(current + segment) > width) {
      const whole = /^.+[/._-]/s.exec(current)?.[0] ?? current
      found.push(whole)
      current = current.slice(whole.length)
    }
    current += segment
  }
  return [...found, current]
}

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - textWidth(text)))
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - textWidth(text))) + text

/** Text from outside with whatever could move the cursor or end the line made visible. */
export const visible = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, character => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Like {@link visible}, but lines stay lines. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n')

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
/** Colours and cursor movements, and the two halves of a link. */
// oxlint-disable-next-line no-control-regex
const ESCAPE_SEQUENCES = /\u001B\[[0-9;?]*[A-Za-z]|\u001B\]8;;[^\u0007\u001B]*(?:\u0007|\u001B\\)/g
/** Made when it is first needed: it costs a tenth of a start. */
const graphemes = (): Intl.Segmenter => (segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' }))
let segmenter: Intl.Segmenter | undefined
/** Of the East Asian wide and full-width blocks, and what is drawn as a picture. */
const WIDE = /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}])/u
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

const graphemeWidth = (grapheme: string): number => (NONE.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1)
