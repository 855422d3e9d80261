import { blank, piecesOf, type SqlPiece } from './statements-in.ts'

/** One statement, cut where its clauses can begin: what stands in brackets, or between CASE and END, is one part. */
export class SqlClauses {
  readonly #parts: readonly Part[]

  constructor(readonly sql: string) {
    this.#parts = partsOf(piecesOf(sql))
  }

  get length(): number {
    return this.#parts.length
  }

  /** Whether a part is one of these words, written without quotes. */
  is(at: number, ...words: readonly string[]): boolean {
    const part = this.#parts[at]
    return part?.kind === 'word' && words.includes(part.text.toLowerCase())
  }

  /** Whether a part is this sign. */
  isSign(at: number, sign: string): boolean {
    const part = this.#parts[at]
    return part?.kind === 'sign' && part.text === sign
  }

  /** Where the words come one after the other for the first time, or the end. */
  find(from: number, ...words: readonly string[]): number {
    return this.#first(from, at => words.every((word, i) => this.is(at + i, word)))
  }

  /** Where the first of the words comes, or the end. */
  findAny(from: number, ...words: readonly string[]): number {
    return this.#first(from, at => this.is(at, ...words))
  }

  /** Behind these words where they stand there, else there. */
  after(at: number, ...words: readonly string[]): number {
    return words.every((word, i) => this.is(at + i, word)) ? at + words.length : at
  }

  /** Behind one of these words where one stands there, else there. */
  afterOne(at: number, ...words: readonly string[]): number {
    return this.is(at, ...words) ? at + 1 : at
  }

  /** A name with what qualifies it, and what comes behind. */
  path(at: number): { readonly path: readonly string[]; readonly next: number } {
    const path: string[] = []
    for (let next = at; ; next += 2) {
      const part = this.#parts[next]
      if (part && part.kind !== 'sign') path.push(nameIn(part.text))
      if (!this.isSign(next + 1, '.')) return { path, next: next + 1 }
    }
  }

  /** The names in a bracket, where there is nothing else in it. */
  names(at: number): readonly string[] | undefined {
    const inner = this.bracket(at)
    const lists = inner?.list(0, inner.length)
    if (!inner || !lists?.length) return undefined
    return lists.every(([begin, end]) => end === begin + 1 && inner.#parts[begin]!.kind !== 'sign' && !inner.text(begin, end).startsWith("'")) ? lists.map(([begin, end]) => nameIn(inner.text(begin, end))) : undefined
  }

  /** What stands in a bracket. */
  bracket(at: number): SqlClauses | undefined {
    const part = this.#parts[at]
    return part?.kind === 'bracket' && part.text.startsWith('(') ? new SqlClauses(part.text.slice(1, -1)) : undefined
  }

  /** The parts between commas, from and to. */
  list(from: number, to: number): (readonly [begin: number, end: number])[] {
    const found: (readonly [number, number])[] = []
    let begin = from
    for (let at = from; at <= to; at += 1) {
      if (at < to && !this.isSign(at, ',')) continue
      if (at > begin) found.push([begin, at])
      begin = at + 1
    }
    return found
  }

  text(from: number, to: number): string {
    return from >= to ? '' : this.sql.slice(this.offset(from), this.#endOf(to - 1))
  }

  /** The same, behind as many lines and columns as it has before it in the statement. */
  inPlace(from: number, to: number): string {
    return `${blank(this.sql.slice(0, this.offset(from)))}${this.text(from, to)}`
  }

  offset(at: number): number {
    return this.#parts[at]?.at ?? this.sql.length
  }

  #endOf(at: number): number {
    const part = this.#parts[at]!
    return part.at + part.text.length
  }

  #first(from: number, holds: (at: number) => boolean): number {
    for (let at = from; at < this.length; at += 1) if (holds(at)) return at
    return this.length
  }
}

interface Part {
  readonly text: string
  readonly at: number
  readonly kind: 'word' | 'quoted' | 'sign' | 'bracket'
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', case: 'end' }

function partsOf(pieces: readonly SqlPiece[]): Part[] {
  const parts: Part[] = []
  const open: string[] = []
  let bracket: { text: string; readonly at: number } | undefined
  for (const { text, at, kind } of pieces) {
    const sign = kind === 'sign' || kind === 'word' ? text.toLowerCase() : ''
    const closing = Object.hasOwn(CLOSING, sign) ? CLOSING[sign] : undefined
    if (closing !== undefined) {
      if (open.length === 0) bracket = { text: '', at }
      open.push(closing)
    }
    if (bracket) {
      bracket.text += text
      if (sign === open.at(-1)) open.pop()
      if (open.length > 0) continue
      parts.push({ ...bracket, kind: 'bracket' })
      bracket = undefined
    } else if (kind !== 'space') parts.push({ text, at, kind })
  }
  return bracket ? [...parts, { ...bracket, kind: 'bracket' }] : parts
}

const nameIn = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text)
