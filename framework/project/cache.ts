import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { fingerprint } from '../vocabulary/version.ts'

/**
 * What was found out once and can be found out again: a JSON file of entries by key. It is read on first use and written back whole;
 * a file that is absent or torn is an empty cache.
 */
export class Cache<Value> {
  readonly #path: string
  #entries: Map<string, Value> | undefined
  #changed = false

  constructor(path: string) {
    this.#path = path
  }

  get(key: string): Value | undefined {
    return this.#read().get(key)
  }

  set(key: string, value: Value): void {
    this.#read().set(key, value)
    this.#changed = true
  }

  /** Keeps only these keys: what nobody asks for any more need not be read every time. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#read().keys()) if (!keys.has(key)) this.#changed = this.#read().delete(key) || this.#changed
  }

  save(): void {
    if (!this.#changed) return
    replaceFile(this.#path, JSON.stringify([...this.#read()]))
    this.#changed = false
  }

  #read(): Map<string, Value> {
    return (this.#entries ??= new Map((readJson(this.#path) as [string, Value][] | undefined) ?? []))
  }
}

export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** Replaces the file in one step, so that a reader sees the old text or the new. Of a long text that is made in parts only a few are held at once. */
export function replaceFile(path: string, text: string | Iterable<string>): void {
  const temporary = `${path}.${process.pid}.tmp`
  mkdirSync(dirname(path), { recursive: true })
  if (typeof text === 'string') writeFileSync(temporary, text)
  else writeParts(temporary, text)
  renameSync(temporary, path)
}

function writeParts(path: string, parts: Iterable<string>): void {
  const file = openSync(path, 'w')
  const write = (text: string) => {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
  }
  try {
    let waiting = ''
    for (const part of parts) {
      waiting += part
      if (waiting.length < 1_000_000) continue
      write(waiting)
      waiting = ''
    }
    write(waiting)
  } finally {
    closeSync(file)
  }
}

const ABSENT = 'undefined undefined undefined'

/** Differs whenever the file does, at the cost of a `stat`. */
export function fileStamp(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.size} ${stat.mtimeMs} ${stat.ino}` : ABSENT
}

/** Differs whenever one of the files does. */
export function stampOf(...paths: readonly string[]): string {
  return fingerprint(
    process.version,
    ...paths.map(path => `${path} ${fileStamp(path)}`),
  )
}
