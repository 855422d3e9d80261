/** Invents a set of sources, so that a fresh checkout has something to read. A project names its own by path: `sources.generator`. */
export interface SourceGenerator {
  /** What it invents, as one sentence. */
  readonly description: string
  /** Equal options give equal files, to the byte. A set that was not finished is never found in `dir`. */
  generate(options: GenerateOptions): Promise<GeneratedSources>
}

export interface GenerateOptions {
  /** How many customers; the other tables follow in proportion. */
  readonly customers: number
  /** A whole number. Another seed gives another set. */
  readonly seed: number
  readonly dir: string
  readonly gzip?: boolean | undefined
  readonly onProgress?: ((progress: GenerateProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface GenerateProgress {
  readonly file: string
  readonly rows: number
}

export interface GeneratedSources {
  readonly files: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[]
}
