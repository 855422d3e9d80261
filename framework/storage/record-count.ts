const NEWLINE = 10
const RETURN = 13
const QUOTE = 34
const COMMA = 44

/** What a field of a CSV record is at: its beginning, its plain text, within quotes, or behind a quote that may have closed it. */
type At = 'start' | 'plain' | 'quoted' | 'closed'

/**
 * Counts the records of a CSV file behind its header while the bytes pass by, and holds each to as many fields as the header has. Blank lines
 * are none; a line break within quotes ends none. Lines may end in LF, CRLF or CR.
 */
export class RecordCount {
  /** The first record that has another number of fields than the header, or whose quote is never closed. */
  problem: { readonly line: number; readonly text: string } | undefined
  #at: At = 'start'
  #records = 0
  #fields = 1
  #header: number | undefined
  #blank = true
  #line = 1
  #began = 1
  #afterReturn = false
  #length = 0
  #longest = 0

  /** Behind the header. */
  get records(): number {
    return Math.max(0, this.#records - 1)
  }

  /** In bytes, of the longest record. */
  get longest(): number {
    return this.#longest
  }

  add(bytes: Buffer): void {
    let [at, fields, blank] = [this.#at, this.#fields, this.#blank]
    let start = 0
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i]!
      if (at === 'quoted') {
        if (byte === QUOTE) at = 'closed'
        else if (byte === NEWLINE) this.#line += 1
        continue
      }
      if (byte === COMMA) {
        fields += 1
        at = 'start'
        blank = false
      } else if (byte === NEWLINE || byte === RETURN) {
        // The second half of CRLF ends nothing.
        if (byte === NEWLINE && this.#afterReturn && blank && fields === 1) this.#began = this.#line
        else {
          this.#ended(fields, blank, this.#length + i - start)
          this.#length = 0
          start = i + 1
        }
        this.#afterReturn = byte === RETURN
        at = 'start'
        fields = 1
        blank = true
        continue
      } else if (byte === QUOTE && (at === 'start' || at === 'closed')) {
        at = 'quoted'
        blank = false
      } else {
        at = 'plain'
        blank = false
      }
      this.#afterReturn = false
    }
    this.#length += bytes.length - start
    this.#at = at
    this.#fields = fields
    this.#blank = blank
  }

  end(): void {
    if (this.#at === 'quoted') this.problem ??= { line: this.#began, text: `the quote that opens in line ${this.#began} is never closed` }
    else this.#ended(this.#fields, this.#blank, this.#length)
  }

  #ended(fields: number, blank: boolean, length: number): void {
    const line = this.#began
    this.#line += 1
    this.#began = this.#line
    if (blank) return
    this.#records += 1
    if (length > this.#longest) this.#longest = length
    if (this.#header === undefined) this.#header = fields
    else if (fields !== this.#header) this.problem ??= { line, text: `line ${line} has ${fields} ${fields === 1 ? 'field' : 'fields'}, but the header names ${this.#header}` }
  }
}
