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
    for (const entry of this.#entries.values()) yield JSON.parse(textAt(entry)) as File
  }

  /** The files as JSON text, unparsed. */
  *texts(): Generator<string> {
    for (const entry of this.#entries.values()) yield textAt(entry)
  }

  keys(): Iterable<string> {
    return this.#entries.keys()
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  get(key: string): File | undefined {
    const entry = this.#entries.get(key)
    return entry && (JSON.parse(textAt(entry)) as File)
  }

  /** `json` is the file's own JSON text, where there is one already; `round` is remembered, for {@link deleteUnlessSetIn}. */
  set(file: File, json?: string, round = 0): void {
    const { path, deletionVector, size: bytes = 0, stats = '' } = file
    const records = /"numRecords"\s*:\s*(\d+)/.exec(stats)?.[1]
    this.setText({ path, deletionVector, bytes, records: records === undefined ? undefined : Number(records) }, json ?? JSON.stringify(file), round)
  }

  /** Adds a file by its JSON text, when the little that the list itself must know of it is known. */
  setText({ path, deletionVector, bytes, records }: KnownOfFile, json: string, round = 0): void {
    const key = fileKey({ path, deletionVector })
    this.delete(key)
    const { chunk, start, end } = this.#arena.keep(json)
    const rows = records === undefined ? undefined : records - Number(deletionVector?.cardinality ?? 0)
    const entry: Entry = { chunk, start, end, bytes, rows, vector: Boolean(deletionVector), round }
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

  /** Inside one commit what comes wins over what goes, in whatever order they stand there. */
  deleteUnlessSetIn(round: number, key: string): boolean {
    return this.#entries.get(key)?.round === round ? false : this.delete(key)
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

export interface KnownOfFile {
  readonly path: string
  readonly deletionVector?: DeletionVectorDescriptor | undefined
  readonly bytes: number
  /** Rows in the file, deleted ones included. */
  readonly records: number | undefined
}

interface Entry extends TextSpan {
  readonly bytes: number
  readonly rows: number | undefined
  readonly vector: boolean
  readonly round: number
}
