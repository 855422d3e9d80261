import { ExplainedError } from '../vocabulary/errors.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'

/**
 * DuckDB refused a statement. The message is DuckDB's own, its first line, but for values of rows, which may be anybody's: they are `***`.
 * `kind` is its class, as in `Catalog` or `Conversion`.
 */
export class QueryFailed extends ExplainedError {
  readonly code = 'duckdb/query-failed'
  readonly hint: string
  readonly kind: string
  readonly #told: string
  constructor(message: string, readonly statement: string) {
    const [first = '', ...more] = message.split('\n').map(line => line.trim()).filter(Boolean)
    super(withoutValues(first, statement))
    this.#told = first
    this.kind = kindOf(first)
    this.hint = more.find(line => /^(did you mean|candidate|hint)/i.test(line)) ?? IN_WORDS.find(([words]) => words.test(first))?.[1] ?? HINTS[this.kind] ?? 'Try the statement on its own with `varve query`.'
  }

  /** With the values that DuckDB cites: for whoever asked for these very rows. */
  citing(): QueryFailed {
    return Object.defineProperty(this, 'message', { value: this.#told })
  }
}

const kindOf = (message: string): string => /^([A-Z][A-Za-z ]*?) Error: /.exec(message)?.[1] ?? 'Unknown'

/** What these tell of is in the statement, or in the machine. All others may cite what is in rows. */
const WITHOUT_ROWS: ReadonlySet<string> = new Set(['Parser', 'Syntax', 'Binder', 'Catalog', 'Out of Memory', 'IO', 'HTTP', 'Permission', 'Interrupt', 'INTERRUPT', 'Transaction', 'TransactionContext', 'Dependency', 'Settings', 'Connection'])

/** All from the first quote to the last of its kind is hidden, since a value may have quotes in it, and so is each number that is no part of a type's name. */
function withoutValues(message: string, statement: string): string {
  const kind = kindOf(message)
  if (WITHOUT_ROWS.has(kind)) return message
  const said = message.slice(message.startsWith(`${kind} Error: `) ? `${kind} Error: `.length : 0)
  // An author's own words, as they stand in the statement, are of no row.
  if (kind === 'Invalid Input' && statement.includes(quoteLiteral(said))) return message
  const known = kind !== 'Invalid Input' || (!/\berror\s*\(/i.test(statement) && INVALID_INPUTS.test(said))
  const hidden = known ? said.replace("can't", 'cannot').replace(/(["']).*\1|["'].*$/, '***').replaceAll(NUMBER, text => (/^[A-Z]/.test(text) ? text : '***')) : 'DuckDB\'s words may hold values, and are left out'
  return message.slice(0, message.length - said.length) + hidden
}

/** A type's name with its digits, or a number. */
const NUMBER = /\b[A-Z]+\d*(?:\(\d+(?:,\d+)?\))?(?![\p{L}\p{N}])|(?<![\p{L}\p{N}_])\d[\d.,:eE+-]*\d/gu

/** Messages of which it is known where values stand in them. Others of the class may be any text: a query makes its own with `error()`. */
const INVALID_INPUTS = /^(Malformed JSON|Failed to cast|Could not (parse|convert|cast)|More than one row|Map keys|Argument index|Invalid type specifier|CSV Error|JSON|Maximum line size|Mismatch)/

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
