import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { ForeignDialect } from '../vocabulary/sql.ts'
import { TranslationFailed, TranslatorMissing } from './engine-errors.ts'

/** How long one translation may take before its worker is ended. */
const TIME_OUT = 20_000

/**
 * Puts DuckDB's SQL into the words of other engines, in a thread of its own that can be ended. It answers with the likeliest text and never
 * says what it could not do, so that nothing goes through it that the guard has not let pass.
 */
export class Translator {
  readonly #timeOut: number
  #worker: Worker | undefined
  #next = 0
  readonly #known = new Map<string, Promise<string>>()
  readonly #waiting = new Map<number, { resolve(text: string): void; reject(error: Error): void }>()

  constructor({ timeOut = TIME_OUT }: { readonly timeOut?: number | undefined } = {}) {
    this.#timeOut = timeOut
  }

  /** @throws {TranslationFailed} {TranslatorMissing} */
  translate(sql: string, to: ForeignDialect): Promise<string> {
    const known = this.#known.get(`${to} ${sql}`)
    if (known) return known
    const answer = (to === 'trino' ? this.#ask(outside(sql, /\bnullif(?=\s*\()/gi, OWN_NULLIF), to).then(text => outside(dividing(finest(text)), new RegExp(`\\b${OWN_NULLIF}\\b`, 'gi'), 'NULLIF')) : this.#ask(sql, to))
    this.#known.set(`${to} ${sql}`, answer)
    answer.catch(() => this.#known.delete(`${to} ${sql}`))
    return answer
  }

  async #ask(sql: string, to: ForeignDialect): Promise<string> {
    const worker = this.#started()
    const id = this.#next++
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject })
        timer = setTimeout(() => {
          reject(new TranslationFailed(to, `it took longer than ${this.#timeOut / 1000} s`))
          this.close()
        }, this.#timeOut)
        worker.postMessage({ id, sql, to }, [])
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  close(): void {
    const worker = this.#worker
    this.#worker = undefined
    void worker?.terminate()
    for (const { reject } of this.#waiting.values()) reject(new Error('The translator was closed'))
  }

  #started(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(THREAD, { eval: true, workerData: libraryPath() })
    worker.unref()
    worker.on('message', ({ id, text, problem, to }: { id: number; text?: string; problem?: string; to: ForeignDialect }) => {
      const waiting = this.#waiting.get(id)
      if (text === undefined) waiting?.reject(new TranslationFailed(to, problem ?? 'it has no answer'))
      else waiting?.resolve(text)
    })
    worker.on('error', error => {
      for (const { reject } of this.#waiting.values()) reject(new TranslatorMissing(error.message.split('\n')[0]!))
      this.#worker = undefined
    })
    return (this.#worker = worker)
  }
}

/** Trino's instants have milliseconds where nothing is said of it. */
const finest = (text: string): string => text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\bTIMESTAMP(?= WITH TIME ZONE\)|\))/g, part => (part === 'TIMESTAMP' ? 'TIMESTAMP(6)' : part))

/** A double that is divided by nothing is infinite or not a number in Trino as in DuckDB; the translation makes NULL of the divisor. */
function dividing(text: string): string {
  let [done, bare] = [text, unquoted(text)]
  // From the last to the first, so that what is within another is done before it.
  for (let at = bare.lastIndexOf(DIVISOR); at >= 0; at = at === 0 ? -1 : bare.lastIndexOf(DIVISOR, at - 1)) {
    const begin = at + DIVISOR.length
    let [end, depth] = [begin, 1]
    for (; depth > 0 && end < bare.length; end += 1) depth += bare[end] === '(' ? 1 : bare[end] === ')' ? -1 : 0
    const inner = done.slice(begin, end - 1)
    if (!inner.endsWith(', 0')) continue
    done = `${done.slice(0, at)}/ (${inner.slice(0, -', 0'.length)})${done.slice(end)}`
    bare = unquoted(done)
  }
  return done
}

/** The text with whatever is quoted in it made unrecognisable, and as long as it is. */
const unquoted = (text: string): string => text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, part => 'x'.repeat(part.length))

/** Replaces what is not quoted. */
const outside = (text: string, pattern: RegExp, by: string): string => text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]+/g, part => (/^['"]/.test(part) ? part : part.replaceAll(pattern, by)))

/** The author's own, so that it is told from the one which the translation puts around divisors. */
const OWN_NULLIF = 'VARVE_NULLIF'

const DIVISOR = '/ NULLIF('

function libraryPath(): string {
  try {
    return createRequire(import.meta.url).resolve('@polyglot-sql/sdk')
  } catch (error) {
    throw new TranslatorMissing((error as Error).message.split('\n')[0]!)
  }
}

/** Text, since a thread cannot be started from TypeScript, and the library is loaded by no other. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads')
  // All of the library is compiled again for speed otherwise, which takes seconds of the processors and 200 MB, for texts that take milliseconds.
  require('node:v8').setFlagsFromString('--liftoff-only')
  const library = require(workerData)
  const ready = Promise.resolve(library.init?.())
  parentPort.on('message', async ({ id, sql, to }) => {
    try {
      await ready
      const { success, sql: texts, error } = library.transpile(sql, 'duckdb', to)
      parentPort.postMessage(success && texts.length === 1 ? { id, to, text: texts[0] } : { id, to, problem: error ?? 'it is not one query' })
    } catch (error) {
      parentPort.postMessage({ id, to, problem: String(error && error.message || error) })
    }
  })`
