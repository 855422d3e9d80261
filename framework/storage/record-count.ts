import type { FileFormat } from '../definition/file-asset.ts'

const NEWLINE = 10
const QUOTE = 34
const RETURN = 13

/** Counts the records of a file while its bytes pass by. Blank lines are none; a line break within quotes ends none in CSV. */
export class RecordCount {
  readonly #quotes: boolean
  readonly #header: boolean
  #records = 0
  #quoted = false
  #blank = true

  /** A JSON array is not told apart this way. */
  static of(format: FileFormat): RecordCount | undefined {
    return format === 'csv' || format === 'json-lines' ? new RecordCount(format === 'csv') : undefined
  }

  private constructor(csv: boolean) {
    this.#quotes = csv
    this.#header = csv
  }

  add(bytes: Buffer): void {
    if (this.#quotes && (this.#quoted || bytes.includes(QUOTE))) this.#addQuoted(bytes)
    else this.#addPlain(bytes)
  }

  get records(): number {
    return Math.max(0, this.#records + (this.#blank ? 0 : 1) - (this.#header ? 1 : 0))
  }

  #addPlain(bytes: Buffer): void {
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; start = end + 1, end = bytes.indexOf(NEWLINE, start)) {
      const length = end - start - (bytes[end - 1] === RETURN ? 1 : 0)
      if (!this.#blank || length > 0) this.#records += 1
      this.#blank = true
    }
    if (start < bytes.length && !(bytes.length - start === 1 && bytes[start] === RETURN)) this.#blank = false
  }

  #addQuoted(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at]
      if (byte === NEWLINE && !this.#quoted) {
        if (!this.#blank) this.#records += 1
        this.#blank = true
      } else if (byte === QUOTE) {
        this.#quoted = !this.#quoted
        this.#blank = false
      } else if (byte !== RETURN) this.#blank = false
    }
  }
}
