import { isUtf8 } from 'node:buffer'

const NEWLINE = 10

/** Watches bytes pass by, and tells the first line that is not UTF-8. */
export class Utf8Check {
  badLine: number | undefined
  #line = 1
  /** A sign that the last piece ended in the middle of. */
  #cut: Buffer = Buffer.alloc(0)

  add(bytes: Buffer): void {
    if (this.badLine !== undefined) return
    const all = this.#cut.length > 0 ? Buffer.concat([this.#cut, bytes]) : bytes
    const whole = all.length - cutSign(all)
    if (!isUtf8(all.subarray(0, whole))) this.badLine = this.#lineOfFault(all.subarray(0, whole))
    for (let at = bytes.indexOf(NEWLINE); at >= 0 && this.badLine === undefined; at = bytes.indexOf(NEWLINE, at + 1)) this.#line += 1
    this.#cut = Buffer.from(all.subarray(whole))
  }

  end(): void {
    if (this.#cut.length > 0) this.badLine ??= this.#line
  }

  #lineOfFault(bytes: Buffer): number {
    let line = this.#line
    for (let start = 0; start < bytes.length; line += 1) {
      const found = bytes.indexOf(NEWLINE, start)
      const end = found < 0 ? bytes.length : found + 1
      if (!isUtf8(bytes.subarray(start, end))) return line
      start = end
    }
    return line
  }
}

/** How many bytes at the end begin a sign whose rest is yet to come. */
function cutSign(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}
