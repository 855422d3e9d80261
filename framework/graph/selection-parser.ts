import { didYouMean, inWords } from '../vocabulary/near-names.ts'
import { SelectionSyntaxError } from './selection-errors.ts'
import { FRESHNESS_STATES, SELECTION_ATTRIBUTES, type Selection, type SelectionAttribute, type Steps } from './selection-syntax.ts'

/** Reads a selection, as in `+gold/* and not tag:slow`. @throws {SelectionSyntaxError} that shows where reading stopped, and what could stand there. */
export function parseSelection(text: string): Selection {
  return new Parser(text).parse()
}

const TERM = 'an asset key, a glob, a word such as tag:x, or "("'
const DEEPEST = 200

class Parser {
  #at = 0
  #depth = 0
  constructor(readonly text: string) {}

  parse(): Selection {
    const selection = this.#or()
    if (this.#at < this.text.length) {
      const found = this.text[this.#at] === ')' ? 'This ")" closes nothing.' : `Expected "and", "or" or the end of the selection.`
      this.#fail(found, this.#at, this.text[this.#at] === ')' ? 'Remove it, or open it before.' : 'Join the parts: a or b.')
    }
    return selection
  }

  #or(): Selection {
    return this.#list('or', () => this.#list('and', () => this.#not()))
  }

  #list(type: 'or' | 'and', part: () => Selection): Selection {
    const parts = [part()]
    while (this.#keyword(type)) parts.push(part())
    return parts.length === 1 ? parts[0]! : { type, of: parts }
  }

  #not(): Selection {
    if (!this.#keyword('not')) return this.#reach()
    return this.#deeper(() => ({ type: 'not', of: this.#not() }))
  }

  #reach(): Selection {
    this.#space()
    const start = this.#at
    if (this.#take(/@/y)) {
      const of = this.#term()
      if (this.#take(/\+\d*/y)) this.#fail('"@" takes everything downstream already.', start, 'Leave out the "@" or the "+".')
      return { type: 'around', of }
    }
    const before = this.#take(/(\d*)\+/y)
    const up = this.#steps(before?.[1], start)
    const of = this.#term()
    const afterStart = this.#at + 1
    const after = this.#take(/\+(\d*)/y)
    const down = this.#steps(after?.[1], afterStart)
    return before || after ? { type: 'reach', up, down, of } : of
  }

  #steps(digits: string | undefined, at: number): Steps {
    if (digits === undefined) return 0
    if (digits === '') return 'all'
    const steps = Number(digits)
    if (steps < 1 || !Number.isSafeInteger(steps)) this.#fail('Expected a number of steps from 1.', at, 'Write +key for all upstreams, 2+key for two steps up.')
    return steps
  }

  #term(): Selection {
    if (this.#take(/\(/y)) return this.#closed(this.#at - 1)
    const called = this.#take(/(sinks|roots)\s*\(/y)
    if (called) return { type: called[1] as 'sinks' | 'roots', of: this.#closed(this.#at - 1) }
    const start = this.#at
    const attribute = this.#take(/([A-Za-z_-]+):/y)
    return attribute ? this.#attribute(attribute[1]!, start) : this.#word(start)
  }

  #closed(open: number): Selection {
    const of = this.#deeper(() => this.#or())
    this.#space()
    if (!this.#take(/\)/y)) this.#fail(this.#at < this.text.length ? 'Expected "and", "or" or ")".' : 'This "(" is not closed.', this.#at < this.text.length ? this.#at : open, 'Add the ")".')
    return of
  }

  #word(start: number): Selection {
    const word = this.#take(/[^\s()":+@]+/y)?.[0] ?? ''
    if (word === '' || /^(and|or|not)$/i.test(word)) {
      this.#fail(start >= this.text.length ? `Expected ${TERM}, but the selection ends.` : `Expected ${TERM}.`, start, 'As in: +gold/customer_360 and not tag:slow.')
    }
    if (word === 'stale' || word === 'changed') return { type: word }
    if (!/^[a-z*?][a-z0-9_*?]*(\/[a-z0-9_*?]+)*$/.test(word)) this.#fail(`"${word}" is not an asset key.`, start, hintForKey(word))
    return { type: 'key', pattern: word }
  }

  #attribute(name: string, start: number): Selection {
    const at = this.#at
    if (isAttribute(name)) return { type: 'attribute', attribute: name, pattern: this.#value(at) }
    switch (name) {
      case 'fresh': return { type: 'fresh', state: this.#oneOf(FRESHNESS_STATES) }
      case 'check': return { type: 'check', state: this.#oneOf(['failed'] as const) }
      case 'column': {
        const value = this.#value(at)
        const parts = /^([a-z][a-z0-9_]*(?:\/[a-z][a-z0-9_]*)+)\.(.+)$/s.exec(value)
        if (!parts) this.#fail(`"${value}" does not name a column of an asset.`, at, 'Write the asset, a dot and the column: column:gold/customer_360.lifetime_value_usd.')
        return { type: 'column', asset: parts[1]!, column: parts[2]! }
      }
      default: {
        const known = [...SELECTION_ATTRIBUTES, 'fresh', 'check', 'column']
        return this.#fail(`There is no "${name}:" to select by.`, start, didYouMean(name, known, `It is one of ${inWords(known, 'or')}.`))
      }
    }
  }

  #oneOf<S extends string>(allowed: readonly S[]): S {
    const at = this.#at
    const value = this.#value(at)
    return allowed.find(name => name === value) ?? this.#fail(`Expected ${inWords(allowed, 'or')}, not "${value}".`, at, didYouMean(value, allowed, `Write ${inWords(allowed, 'or')}.`))
  }

  /** A value stands bare, or between quotes where it holds spaces, parentheses or a plus. A plus at the end of a bare one means the downstreams. */
  #value(at: number): string {
    if (this.text[this.#at] === '"') {
      const quoted = this.#take(/"((?:[^"\\]|\\["\\])*)"/y)
      if (!quoted) this.#fail('This quote is not closed.', at, 'Close it with a ". Inside, write \\" and \\\\ for a quote and a backslash.')
      if (quoted[1] === '') this.#fail('Expected a value between the quotes.', at, 'As in tag:"slow to build".')
      return quoted[1]!.replaceAll(/\\(["\\])/g, '$1')
    }
    const bare = this.#take(/(?:(?!\+\d*(?:[\s()]|$))[^\s()"])+/y)
    if (!bare) this.#fail('Expected a value right after the colon.', at, 'As in tag:pii, or tag:"two words".')
    return bare[0]
  }

  #keyword(word: 'and' | 'or' | 'not'): boolean {
    this.#space()
    return this.#take(KEYWORDS[word]) !== null
  }

  #space(): void {
    this.#take(/\s+/y)
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.text)
    if (match) this.#at = pattern.lastIndex
    return match
  }

  #deeper(read: () => Selection): Selection {
    if ((this.#depth += 1) > DEEPEST) this.#fail(`More than ${DEEPEST} levels of "(" and "not".`, this.#at, 'Say it flatter.')
    const selection = read()
    this.#depth -= 1
    return selection
  }

  #fail(what: string, at: number, hint: string): never {
    throw new SelectionSyntaxError(what, this.text, at, hint)
  }
}

const KEYWORDS = { and: /and(?=[\s()]|$)/iy, or: /or(?=[\s()]|$)/iy, not: /not(?=[\s()]|$)/iy } as const

const isAttribute = (name: string): name is SelectionAttribute => (SELECTION_ATTRIBUTES as readonly string[]).includes(name)

function hintForKey(word: string): string {
  if (word.includes(',')) return `Join them with "or", or "and": ${word.split(',').join(' or ')}.`
  const file = /^(?:\.\/)?assets\/(.+?)(?:\.ts)?$/.exec(word)
  const asKey = (file?.[1] ?? word.replaceAll(/[.\\]/g, '/')).toLowerCase().replaceAll('-', '_')
  if (/^[a-z*?][a-z0-9_*?]*(\/[a-z0-9_*?]+)+$/.test(asKey)) return `Write ${asKey}.`
  return 'Write a layer, a slash and a snake_case name: gold/customer_360.'
}
