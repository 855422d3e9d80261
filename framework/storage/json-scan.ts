import { StringDecoder } from 'node:string_decoder'
import { jsonFault, parseFault } from './json-faults.ts'

/** Reads JSON while its bytes pass by: how many objects there are, which keys they have, and where the first stands that is none. */
export class JsonScan {
  readonly keys = new Set<string>()
  /** Of the keys whose values are objects, their keys. */
  readonly nested = new Map<string, Set<string>>()
  records = 0
  longest = 0
  problem: { readonly line: number; readonly text: string } | undefined
  readonly #array: boolean
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''
  #line = 1
  /** Of an array: how deep in braces, whether within a text, whether behind a backslash, how much of the rest was looked at, and from where. */
  #depth = 0
  #inText = false
  #escaped = false
  #seen = 0
  #startLine = 1
  /** What may come next between the objects of an array. */
  #next: 'bracket' | 'object or end' | 'object' | 'comma or end' | 'nothing' = 'bracket'

  constructor(format: 'json-lines' | 'json-array') {
    this.#array = format === 'json-array'
  }

  add(bytes: Buffer): void {
    this.#rest += this.#decoder.write(bytes)
    if (this.#array) this.#addArray()
    else this.#addLines()
  }

  end(): void {
    if (!this.#array) return this.#object(this.#rest, this.#line)
    if (this.#next !== 'nothing') this.problem ??= { line: this.#line, text: 'the array ends in the middle' }
  }

  #addLines(): void {
    let start = 0
    for (let end = this.#rest.indexOf('\n'); end >= 0; start = end + 1, end = this.#rest.indexOf('\n', start)) {
      this.#object(this.#rest.slice(start, end), this.#line)
      this.#line += 1
    }
    this.#rest = this.#rest.slice(start)
  }

  #addArray(): void {
    const text = this.#rest
    let start = this.#depth > 0 ? 0 : -1
    for (let at = this.#seen; at < text.length; at += 1) {
      const letter = text.charCodeAt(at)
      if (letter === 10) this.#line += 1
      if (this.#depth === 0 && !this.#isDue(letter)) this.problem ??= { line: this.#line, text: `line ${this.#line} is no array of JSON objects` }
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false
        else if (letter === 92) this.#escaped = true
        else if (letter === 34) this.#inText = false
      } else if (letter === 34) this.#inText = true
      else if (letter === 123) {
        if ((this.#depth += 1) === 1) [start, this.#startLine] = [at, this.#line]
      } else if (letter === 125 && (this.#depth -= 1) === 0) {
        this.#object(text.slice(start, at + 1), this.#startLine)
        this.#next = 'comma or end'
        start = -1
      }
    }
    this.#rest = start >= 0 ? text.slice(start) : text.slice(-64)
    this.#seen = this.#rest.length
  }

  /** Whether a sign may stand there, outside of all objects. */
  #isDue(letter: number): boolean {
    if (letter === 32 || (letter >= 9 && letter <= 13) || letter === 0xfeff) return true
    switch (this.#next) {
      case 'bracket': this.#next = 'object or end'; return letter === 91
      case 'object': return letter === 123
      case 'object or end': if (letter === 93) this.#next = 'nothing'; return letter === 93 || letter === 123
      case 'comma or end': this.#next = letter === 93 ? 'nothing' : 'object'; return letter === 93 || letter === 44
      case 'nothing': return false
    }
  }

  #saw(key: string, value: unknown): void {
    this.keys.add(key)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    const known = this.nested.get(key) ?? new Set()
    this.nested.set(key, known)
    for (const inner of Object.keys(value)) known.add(inner)
  }

  #object(text: string, line: number): void {
    const json = line === 1 ? text.replace(/^\uFEFF/, '') : text
    if (json.trim() === '') return
    this.records += 1
    this.longest = Math.max(this.longest, json.length)
    if (this.problem) return
    try {
      const value: unknown = JSON.parse(json)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) this.problem = { line, text: `line ${line} is no JSON object` }
      else {
        const fault = jsonFault(json, value)
        if (fault !== undefined) this.problem = { line, text: `line ${line} ${fault}` }
        for (const [key, inner] of Object.entries(value)) this.#saw(key, inner)
      }
    } catch (error) {
      this.problem = { line, text: `line ${line} ${parseFault(json, error as Error)}` }
    }
  }
}
