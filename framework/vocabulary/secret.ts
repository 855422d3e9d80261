import { createHash } from 'node:crypto'

/** A value that must not be seen. Printed, logged or written as JSON it is `***`; who needs it has to call {@link Secret.reveal}. */
export class Secret {
  readonly #read: () => string
  #value: string | undefined

  /** @param read finds the value when it is first needed; it throws where there is none. */
  constructor(readonly name: string, read: () => string) {
    this.#read = read
  }

  /** The value itself. */
  reveal(): string {
    if (this.#value === undefined) {
      this.#value = this.#read()
      if (this.#value.length >= SHORTEST) revealed.add(this.#value)
    }
    return this.#value
  }

  /**
   * What stands for it in texts that are kept, such as a query that a code version is made of: another value has another mark. It is
   * made of the value's digest, from which a value that is long and random cannot be found.
   */
  mark(): string {
    let value: string
    try {
      value = this.reveal()
    } catch {
      return `secret ${this.name}: none`
    }
    return `secret ${this.name}: ${createHash('sha256').update(`varve secret ${this.name} ${value}`).digest('hex').slice(0, 8)}`
  }

  /** The text with the value in it made unreadable. */
  hiddenIn(text: string): string {
    return text.replaceAll(this.reveal(), HIDDEN)
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Secret(${this.name})`
  }
}

const HIDDEN = '***'
/** Shorter ones would be found in words that have nothing to do with them. */
const SHORTEST = 4
/** By this process, so far. */
const revealed = new Set<string>()

/** The text without the value of any secret of this process, also where it stands encoded for an address or for JSON. For all that leaves the process: errors of drivers quote passwords. */
export function withoutSecrets(text: string): string {
  let clean = text
  for (const value of revealed) {
    for (const form of new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])) if (clean.includes(form)) clean = clean.replaceAll(form, HIDDEN)
  }
  return clean
}

/** Plain data with all of its texts {@link withoutSecrets}. Costs nothing where there are no secrets. */
export function dataWithoutSecrets<T>(data: T): T {
  return revealed.size === 0 ? data : (clean(data) as T)
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value)
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, clean(each)]))
}
