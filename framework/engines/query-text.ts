import type { ForeignDialect } from '../vocabulary/sql.ts'
import type { Refusal } from './translatable.ts'

/** A query in signs that every reader of SQL takes alike, and what of it could not be put into such. */
export interface PlainText {
  readonly text: string
  readonly refusals: readonly (Refusal & { readonly construct: string; readonly at: number })[]
}

/**
 * DuckDB's SQL without what only its own reader knows: comments, texts between dollars, digits with underscores. What is said in such
 * tokens the parsed tree does not tell, and a translator reads them as it likes.
 */
export function plainText(sql: string, to: ForeignDialect): PlainText {
  const refusals: PlainText['refusals'][number][] = []
  let text = ''
  let [before, last] = ['', '']
  for (let at = 0; at < sql.length;) {
    const token = tokenAt(sql, at)
    const refusal = refusalOf(token, { before, last, next: sql.slice(at + token.length), to })
    if (refusal) refusals.push({ ...refusal, at: text.length })
    text += written(token, before)
    if (!/^(\s|--|\/\*)/.test(token)) [before, last] = [/^[a-z]/i.test(token) ? token.toLowerCase() : '', token]
    at += token.length
  }
  return { text, refusals }
}

const SPACE = /[\s\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+/y
const TOKENS = [
  SPACE, /--[^\n]*/y, /'(?:[^']|'')*'/y, /"(?:[^"]|"")*"/y, /(\$[a-z_]*\$).*?\1/isy,
  /0[xob][0-9a-f_]+/iy, /[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[+-]?[0-9_]+)?|\.[0-9][0-9_]*(?:e[+-]?[0-9_]+)?/iy, /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy,
]

function tokenAt(sql: string, at: number): string {
  if (sql.startsWith('/*', at)) return commentAt(sql, at)
  for (const pattern of TOKENS) {
    pattern.lastIndex = at
    const found = pattern.exec(sql)?.[0]
    if (found) return found
  }
  return sql[at]!
}

/** DuckDB's comments are nested. */
function commentAt(sql: string, begin: number): string {
  const marks = /\/\*|\*\//g
  marks.lastIndex = begin
  let depth = 0
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return sql.slice(begin, mark.index + 2)
  }
  return sql.slice(begin)
}

function written(token: string, before: string): string {
  if (/^(--|\/\*)/.test(token)) return ' '
  if (/^\$[a-z_]*\$/i.test(token)) return `'${token.replaceAll(/^\$[a-z_]*\$|\$[a-z_]*\$$/gi, '').replaceAll('\'', '\'\'')}'`
  if (/^[.0-9]/.test(token) && !/^0[xob]/i.test(token) && token !== '.') return token.replaceAll('_', '').replace(/^\./, '0.').replace(/\.(?=$|e)/i, '.0')
  const instant = before === 'timestamptz' ? /^'(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)Z'$/.exec(token) : undefined
  if (instant) return `'${instant[1]} ${instant[2]}+00'`
  return token.replaceAll(/^[\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff\s]+$/g, space => (/^\s+$/.test(space) && !/[^\t\n\r ]/.test(space) ? space : ' '))
}

function isLong(number: string): boolean {
  const digits = number.replace(/e.*$/i, '').replaceAll(/[_.]/g, '').replace(/^0+/, '')
  if (/^[0-9_]+$/.test(number)) return BigInt(number.replaceAll('_', '')) > 9223372036854775807n
  return digits.length > (/e/i.test(number) ? 15 : 18) || (/\.([0-9_]*)/.exec(number)?.[1]?.length ?? 0) > 30
}

/** A type that DuckDB reads in a way of its own, where a type stands. */
function isLoose(word: string, last: string, next: string): boolean {
  const [isCast, sized] = [last === ':' || last.toLowerCase() === 'as', /^\s*\(\s*[0-9]/.test(next)]
  if (/^(numeric|decimal|dec)$/.test(word)) return isCast && !sized && /^\s*(\)|$|[,;]|::|from|as\b)/i.test(next)
  return isCast && (sized || /char/.test(word) && word !== 'varchar' && /^\s*(\)|$|,|::)/.test(next))
}

function refusalOf(token: string, { before, last, next, to }: { readonly before: string; readonly last: string; readonly next: string; readonly to: ForeignDialect }): (Refusal & { readonly construct: string }) | undefined {
  const word = token.toLowerCase()
  if (/^(e|b|x|n)$/.test(word) && next.startsWith('\'')) return { construct: `a text that begins with ${word}'`, why: 'other engines read it otherwise', instead: 'Write an ordinary text.' }
  if (word === 'u' && next.startsWith('&\'')) return { construct: 'a text that begins with u&\'', why: 'other engines read it otherwise', instead: 'Write an ordinary text.' }
  if (/^0[xob][0-9a-f_]+$/.test(word)) return { construct: `the number ${token}`, why: 'other engines read it otherwise', instead: 'Write it in decimal digits.' }
  if (token.startsWith('\'') && last.startsWith('\'')) return { construct: 'two texts in a row', why: 'DuckDB joins them', instead: 'Write one.' }
  if (word === 'count' && /^\s*\(\s*\)/.test(next)) return { construct: 'count()', why: 'other engines do not know it', instead: 'Write count(*).' }
  if (/^(n?varchar|text|string|(bp|n)?char|character|numeric|decimal|dec)$/.test(word) && isLoose(word, last, next)) return { construct: `the type ${word}${/^\s*\([^)]*\)/.exec(next)?.[0] ?? ''}`, why: 'DuckDB takes no length for texts and three places for decimals, others do otherwise', instead: 'Write varchar, or decimal(18,2).' }
  if (/^[0-9.]*[0-9]/.test(word) && isLong(word)) return { construct: `the number ${token.slice(0, 20)}…`, why: 'of so many digits engines make different numbers', instead: 'Write at most 18 digits, or cast a text.' }
  if (word === 'substring' && /^\s*\((?:[^()']|'[^']*'|\([^()]*\))*?\s(from|for)\s/i.test(next)) return { construct: 'substring(… from … for …)', why: 'not every engine reads it', instead: 'Write substr(x, 1, 2).' }
  if (to === 'spark' && /^(all|any|some)$/.test(word) && /^[=<>]$/.test(last)) return { construct: `a comparison with ${word.toUpperCase()}`, why: 'Spark does not know it', instead: 'Write in or not in, or compare with max() or min().' }
  if (word === 'lateral') return { construct: 'LATERAL', why: 'it was not held against the engine', instead: 'Join with a subquery that is grouped.' }
  if (word === 'materialized' && /^(as|not)$/.test(before) && /^\s*\(/.test(next)) return { construct: 'MATERIALIZED', why: 'other engines do not know it', instead: 'Leave it out.' }
  return undefined
}
