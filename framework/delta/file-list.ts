import { fileKey, type AddFile, type DeletionVectorDescriptor } from './actions.ts'
import { TextArena, textAt, type TextSpan } from './text-arena.ts'

/** The files of one version of a table. Kept as text, and parsed when asked for, so that 300,000 of them stay small. */
export class FileList<File extends ListedFile = AddFile> implements Iterable<File> {
  readonly #entries: Map<string, Entry>
  readonly #arena: TextArena
  readonly #total: { bytes: number; rows: number; withoutRows: number; vectors: number }

  constructor(from?: FileList<File>) {
    this.#entries = new Map(from ? from.#entries : [])
    this.#arena = from ? from.#arena : new TextArena()
    this.#total = from ? { ...from.#total } : { bytes: 0, rows: 0, withoutRows: 0, vectors: 0 }
  }

  get count(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#total.bytes
  }

  /** Rows that a reader sees; undefined where a file does not say how many it has. */
  get rows(): number | undefined {
    return this.#total.withoutRows === 0 ? this.#total.rows : undefined
  }

  get deletionVectors(): number {
    return this.#total.vectors
  }

  *[Symbol.iterator](): Iterator<File> {
    for (const { span } of this.#entries.values()) yield JSON.parse(textAt(span)) as File
  }

  keys(): Iterable<string> {
    return this.#entries.keys()
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  get(key: string): File | undefined {
    const entry = this.#entries.get(key)
    return entry && (JSON.parse(textAt(entry.span)) as File)
  }

  /** `json` is the file's own JSON text, where there is one already. */
  set(file: File, json?: string): void {
    const key = fileKey(file)
    this.delete(key)
    const records = /"numRecords"\s*:\s*(\d+)/.exec(file.stats ?? '')?.[1]
    const rows = records === undefined ? undefined : Number(records) - Number(file.deletionVector?.cardinality ?? 0)
    const entry = { span: this.#arena.keep(json ?? JSON.stringify(file)), bytes: file.size ?? 0, rows, vector: Boolean(file.deletionVector) }
    this.#entries.set(key, entry)
    this.#count(entry, 1)
  }

  delete(key: string): boolean {
    const entry = this.#entries.get(key)
    if (!entry) return false
    this.#entries.delete(key)
    this.#count(entry, -1)
    return true
  }

  #count(entry: Entry, sign: 1 | -1): void {
    this.#total.bytes += sign * entry.bytes
    if (entry.rows === undefined) this.#total.withoutRows += sign
    else this.#total.rows += sign * entry.rows
    if (entry.vector) this.#total.vectors += sign
  }
}

interface ListedFile {
  readonly path: string
  readonly size?: number | undefined
  readonly stats?: string | undefined
  readonly deletionVector?: DeletionVectorDescriptor | undefined
}

interface Entry {
  readonly span: TextSpan
  readonly bytes: number
  readonly rows: number | undefined
  readonly vector: boolean
}
