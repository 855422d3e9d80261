/** A piece of SQL text in which a semicolon is only a sign: a text, a quoted name, a comment (block comments nest), a text between dollars. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\$([\p{L}_][\p{L}\p{N}_]*)?\$[\s\S]*?\$\1\$/uy
const ESCAPED = /e'(?:[^'\\]|\\[\s\S]|'')*'/iuy
const WORD = /[\p{L}\p{N}_$]+/uy
const SPACE = /\s+/y

/** A word, a sign, a text or a comment of an SQL text, and where it stands. */
export interface SqlPiece {
  readonly text: string
  readonly at: number
  readonly kind: 'word' | 'quoted' | 'sign' | 'space'
}

/** All pieces of a text, one after the other; comments count as space. */
export function piecesOf(text: string): SqlPiece[] {
  const pieces: SqlPiece[] = []
  for (let at = 0; at < text.length;) {
    const piece = pieceAt(text, at)
    pieces.push(piece)
    at += piece.text.length
  }
  return pieces
}

/** The statements of a text, each up to its semicolon; what holds nothing but space and comments is none. */
export const statementsIn = (text: string): string[] => rangesIn(text).map(([begin, end]) => text.slice(begin, end))

/** The same, each behind as many lines and columns as it has before it in the text. */
export const statementsInPlace = (text: string): string[] => rangesIn(text).map(([begin, end]) => `${blank(text.slice(0, begin))}${text.slice(begin, end)}`)

/** As much space as the text takes. */
export const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')

function rangesIn(text: string): (readonly [begin: number, end: number])[] {
  const statements: (readonly [number, number])[] = []
  let [begin, says] = [0, false]
  const end = (at: number) => {
    if (says) statements.push([begin, at])
    ;[begin, says] = [at + 1, false]
  }
  for (const piece of piecesOf(text)) {
    if (piece.kind === 'sign' && piece.text === ';') end(piece.at)
    else says ||= piece.kind !== 'space'
  }
  end(text.length)
  return statements
}

function pieceAt(text: string, at: number): SqlPiece {
  if (text.startsWith('/*', at)) return { text: blockComment(text, at), at, kind: 'space' }
  for (const [each, kind] of [[SPACE, 'space'], [ESCAPED, 'quoted'], [QUOTED, 'quoted'], [WORD, 'word']] as const) {
    each.lastIndex = at
    const found = each.exec(text)?.[0]
    if (found !== undefined) return { text: found, at, kind: found.startsWith('--') ? 'space' : kind }
  }
  return { text: text[at]!, at, kind: 'sign' }
}

function blockComment(text: string, begin: number): string {
  let depth = 0
  for (let at = begin; at < text.length; at += 1) {
    if (text.startsWith('/*', at)) [depth, at] = [depth + 1, at + 1]
    else if (text.startsWith('*/', at)) [depth, at] = [depth - 1, at + 1]
    if (depth === 0) return text.slice(begin, at + 1)
  }
  return text.slice(begin)
}
