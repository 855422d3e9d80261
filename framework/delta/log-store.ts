/** A file in a table's log. */
export interface LogEntry {
  /** Below `_delta_log/`, as in `00000000000000000007.json` or `_sidecars/....parquet`. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/**
 * The door to the log of one table. All of Delta's safety hangs on one promise of it: {@link putIfAbsent} lets exactly one of any
 * number of writers make a name, and whoever reads that name then reads all of it.
 */
export interface LogStore {
  /** The files directly in the log from a name on, in the order of their names. No log is an empty one. */
  list(from?: string): Promise<LogEntry[]>
  /** The whole list, where one request answers it; else undefined. Only where each look is a request. */
  listWhole?(): Promise<LogEntry[] | undefined>
  /** The files in its folder of sidecars, by their names below the log. No folder is an empty one. */
  sidecars(): Promise<LogEntry[]>
  /** The file's entry, or undefined where there is none. */
  stat(name: string): Promise<LogEntry | undefined>
  /** The whole file. @throws {LogFileMissing} */
  read(name: string): Promise<Uint8Array>
  /** The whole file, or undefined where there is none: for what need not be there, since to throw costs more than to look. */
  find(name: string): Promise<Uint8Array | undefined>
  /** Makes the file with all of its content, durably, unless the name is taken. @returns whether it was made by this call */
  putIfAbsent(name: string, content: string): Promise<boolean>
  /** Makes or replaces the file, in one step. For hints and checkpoints only. */
  put(name: string, content: string | Uint8Array): Promise<void>
  /** Makes or replaces the file from one on this machine, which is used up. For checkpoints. */
  putFile(name: string, path: string): Promise<void>
  delete(name: string): Promise<void>
  /** Where DuckDB can read the file: its place, or that of a copy. */
  readable(name: string): Promise<string>
  /** Whether one look at the list costs less than two looks at names: so it is where each is a request. */
  readonly listsCheaply?: boolean | undefined
  /** The log as a person would name it. */
  readonly place: string
}
