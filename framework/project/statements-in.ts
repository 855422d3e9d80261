/** A piece of SQL text in which a semicolon is only a sign: a text, a quoted name, a comment (block comments nest), a text between dollars. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\$([\p{L}_][\p{L}\p{N}_]*)?\$[\s\S]*?\$\1\$/uy
const ESCAPED = /e'(?:[^'\\]|\\[\s\S]|'')*'/iuy
const WORD = /[\p{L}\p{N}_]+/uy

/** The statements of a text, each up to its semicolon; what holds nothing but space and comments is none. */
export function statementsIn(text: string): string[] {
  const statements: string[] = []
  let [begin, says] = [0, false]
  const end = (at: number) => {
    if (says) statements.push(text.slice(begin, at))
    ;[begin, says] = [at + 1, false]
  }
  for (let at = 0; at < text.length;) {
    const sign = text[at]!
    const piece = pieceAt(text, at)
    if (sign === ';') end(at)
    else says ||= /\S/.test(sign) && !piece.startsWith('--') && !piece.startsWith('/*')
    at += piece.length
  }
  end(text.length)
  return statements
}

function pieceAt(text: string, at: number): string {
  if (text.startsWith('/*', at)) return blockComment(text, at)
  for (const each of [ESCAPED, WORD, QUOTED]) {
    each.lastIndex = at
    const found = each.exec(text)
    if (found) return found[0]
  }
  return text[at]!
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
