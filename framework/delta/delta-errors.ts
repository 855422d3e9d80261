import { ExplainedError } from '../vocabulary/errors.ts'
import { withAddresses } from '../objects/mirror.ts'
import { inWords } from '../vocabulary/near-names.ts'

export class NoTable extends ExplainedError {
  readonly code = 'delta/no-table'
  readonly hint = 'Check the path; a Delta table has a folder _delta_log with at least one commit or checkpoint in it.'
  constructor(readonly root: string) {
    super(withAddresses(`There is no Delta table at ${root}.`))
  }
}

export class NoSuchVersion extends ExplainedError {
  readonly code = 'delta/no-such-version'
  readonly hint: string
  constructor(root: string, asked: string, earliest: number, latest: number) {
    super(withAddresses(`${root} has no version ${asked}.`))
    this.hint = `Versions ${earliest} to ${latest} can be read.`
  }
}

/** The log cannot be what a correct writer left: something is missing, torn or contradicts itself. */
export class BrokenLog extends ExplainedError {
  readonly code = 'delta/broken-log'
  constructor(message: string, readonly hint = 'Restore the log from a backup, or read an earlier version with --as-of.') {
    super(withAddresses(message))
  }
}

export class LogFileMissing extends ExplainedError {
  readonly code = 'delta/log-file-missing'
  readonly hint = 'Another process may have cleaned the log in between; try again.'
  constructor(readonly file: string) {
    super(withAddresses(`${file} is not there.`))
  }
}

export class StorageFailed extends ExplainedError {
  readonly code = 'delta/storage-failed'
  readonly hint: string
  constructor(deed: string, readonly path: string, cause: unknown) {
    super(`Could not ${deed} ${path}: ${cause instanceof Error ? cause.message.replace(/, \w+ '.*$/s, '') : String(cause)}.`, { cause })
    const code = codeOf(cause)
    const reads = deed === 'read' || deed === 'list'
    const then = reads ? '' : deed === 'sync' ? '; what was written may be lost in a power cut' : '; nothing was committed'
    this.hint = code === 'ENOSPC' ? `Make room on the disk${then}.`
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? `Check who may ${reads ? 'read' : 'write'} there${then}.`
        : `Check the storage${then}.`
  }
}

/** DuckDB says in words what node has a code for. */
function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  const inWords = ([['ENOSPC', /No space left/i], ['EACCES', /Permission denied|Operation not permitted/i], ['EROFS', /Read-only/i]] as const).find(([, words]) => words.test(cause.message))
  return inWords?.[0] ?? ('code' in cause ? String(cause.code) : '')
}

export class UnsupportedFeature extends ExplainedError {
  readonly code = 'delta/unsupported-feature'
  readonly hint: string
  constructor(readonly deed: 'read' | 'write', readonly features: readonly string[], root: string) {
    super(withAddresses(`${root} needs ${features.length === 1 ? 'a feature' : 'features'} that cannot be ${deed === 'read' ? 'read' : 'written'} here: ${inWords([...features])}.`))
    this.hint = deed === 'read' ? 'Read it with the engine that wrote it, or drop the feature there.' : 'Write it with the engine that made it, or drop the feature there.'
  }
}

export class UnsupportedType extends ExplainedError {
  readonly code = 'delta/unsupported-type'
  readonly hint = 'Cast the column to a type that Delta has: numbers, text, booleans, dates, timestamps, binary, and lists, structs and maps of them.'
  constructor(readonly type: string, column?: string) {
    super(`${column === undefined ? '' : `Column ${column}: `}${type} is no type that a Delta table can hold.`)
  }
}

export class SchemaMismatch extends ExplainedError {
  readonly code = 'delta/schema-mismatch'
  constructor(message: string, readonly hint: string, readonly column: string) {
    super(withAddresses(message))
  }
}

export class NullKey extends ExplainedError {
  readonly code = 'delta/null-key'
  readonly hint = 'Filter these rows out, give the key a value, or merge on another key.'
  constructor(on: readonly string[], count: number, examples: readonly string[]) {
    super(`${count} ${count === 1 ? 'row has' : 'rows have'} no value in the key (${on.join(', ')}): ${examples.join('; ')}${count > examples.length ? '; ...' : ''}.`)
  }
}

export class DuplicateKeys extends ExplainedError {
  readonly code = 'delta/duplicate-keys'
  readonly hint = 'Deduplicate the batch, or name the column that decides with newerBy.'
  constructor(on: readonly string[], count: number, examples: readonly string[]) {
    super(`${count} ${count === 1 ? 'key comes' : 'keys come'} more than once in the batch (${on.join(', ')}): ${examples.join('; ')}${count > examples.length ? '; ...' : ''}.`)
  }
}

/** A table whose rules we cannot keep is not written to. */
export class CannotWrite extends ExplainedError {
  readonly code = 'delta/cannot-write'
  constructor(message: string, readonly hint: string) {
    super(withAddresses(message))
  }
}

export class CannotRead extends ExplainedError {
  readonly code = 'delta/cannot-read'
  readonly hint = 'Leave the column out, or read it with the engine that wrote it.'
  constructor(message: string) {
    super(withAddresses(message))
  }
}

export class BrokenRule extends ExplainedError {
  readonly code = 'delta/rule-broken'
  readonly hint = 'Nothing was committed. Mend or filter the rows, or change the rule on purpose.'
  constructor(root: string, readonly rule: string, readonly rows: number) {
    super(withAddresses(`${rows} ${rows === 1 ? 'row breaks' : 'rows break'} a rule of ${root}: ${rule}.`))
  }
}
