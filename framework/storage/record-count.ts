const NEWLINE = 10
const QUOTE = 34
const RETURN = 13

/** Counts the records of a CSV file behind its header while the bytes pass by. Blank lines are none; a line break within quotes ends none. */
export class RecordCount {
  #records = 0
  #quoted = false
  #blank = true

  #longest = 0
  #length = 0

  add(bytes: Buffer): void {
    if (this.#quoted || bytes.includes(QUOTE)) this.#addQuoted(bytes)
    else this.#addPlain(bytes)
  }

  get records(): number {
    return Math.max(0, this.#records + (this.#blank ? 0 : 1) - 1)
  }

  /** In bytes, of the longest record. */
  get longest(): number {
    return Math.max(this.#longest, this.#length)
  }

  #addPlain(bytes: Buffer): void {
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; start = end + 1, end = bytes.indexOf(NEWLINE, start)) {
      const length = end - start - (bytes[end - 1] === RETURN ? 1 : 0)
      if (!this.#blank || length > 0) this.#records += 1
      this.#blank = true
      this.#ended(end - start)
    }
    this.#length += bytes.length - start
    if (start < bytes.length && !(bytes.length - start === 1 && bytes[start] === RETURN)) this.#blank = false
  }

  #addQuoted(bytes: Buffer): void {
    let start = 0
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at]
      if (byte === NEWLINE && !this.#quoted) {
        if (!this.#blank) this.#records += 1
        this.#blank = true
        this.#ended(at - start)
        start = at + 1
      } else if (byte === QUOTE) {
        this.#quoted = !this.#quoted
        this.#blank = false
      } else if (byte !== RETURN) this.#blank = false
    }
    this.#length += bytes.length - start
  }

  #ended(length: number): void {
    this.#longest = Math.max(this.#longest, this.#length + length)
    this.#length = 0
  }
}
