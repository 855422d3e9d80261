import type { Secret } from '../vocabulary/secret.ts'

/** Where assets and resources get passwords and keys: by the names that `secrets:` in the configuration gives them. Take it with `@Resource(() => Secrets)`. */
export class Secrets {
  readonly #read: (name: string) => Promise<Secret>

  constructor(read: (name: string) => Promise<Secret>) {
    this.#read = read
  }

  /** Reads the secret now, from where the configuration says. @throws where there is no such name, or nothing there */
  get(name: string): Promise<Secret> {
    return this.#read(name)
  }
}
