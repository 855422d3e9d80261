import { ExplainedError } from '../vocabulary/errors.ts'

/** DuckDB refused a statement. The message is DuckDB's own, its first line; `kind` is its class, as in `Catalog` or `Conversion`. */
export class QueryFailed extends ExplainedError {
  readonly code = 'duckdb/query-failed'
  readonly hint: string
  readonly kind: string
  constructor(message: string, readonly statement: string) {
    const [first = '', ...more] = message.split('\n').map(line => line.trim()).filter(Boolean)
    super(first)
    this.kind = /^([A-Z][A-Za-z ]*?) Error: /.exec(first)?.[1] ?? 'Unknown'
    this.hint = more.find(line => /^(did you mean|candidate|hint)/i.test(line)) ?? IN_WORDS.find(([words]) => words.test(first))?.[1] ?? HINTS[this.kind] ?? 'Try the statement on its own with `varve query`.'
  }
}

const IN_WORDS: readonly (readonly [words: RegExp, hint: string])[] = [
  [/No space left/i, 'Make room on the disk; nothing was committed.'],
  [/No files found that match/i, 'The file is not there, or may not be read. What a vacuum took away is missing from older versions of a table.'],
]

const HINTS: Readonly<Record<string, string>> = {
  'Out of Memory': 'Raise the memory limit of the engine, or give it a temp directory with room to spill to.',
  'Parser': 'Mend the SQL near the place that the message names.',
  'Binder': 'Check the columns and types that the statement names.',
  'Catalog': 'Check the names of tables and functions in the statement.',
  'Conversion': 'Cast with try_cast, or filter the values that do not fit the type.',
  'IO': 'Check that the path is there and may be read and written.',
}

/** A JavaScript value that does not fit the column it was meant for. */
export class ValueDoesNotFit extends ExplainedError {
  readonly code = 'duckdb/value-does-not-fit'
  readonly hint = 'Give a value of the column\'s type, or declare the column with a type that holds it.'
  constructor(readonly column: string, readonly row: number, readonly reason: string) {
    super(`Row ${row} does not fit column ${column}: ${reason}.`)
  }
}

/** What an interrupted query rejects with: the signal's own reason, which is an `AbortError` unless someone chose another. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException(String(signal.reason ?? 'The query was cancelled'), 'AbortError')
}
