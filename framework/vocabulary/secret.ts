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
    return (this.#value ??= this.#read())
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
