import { ExplainedError } from '../vocabulary/errors.ts'

/** The state file is there, and is not what we wrote. It is never replaced unasked: `varve state rebuild` puts it aside and reads the lake. */
export class StateUnreadable extends ExplainedError {
  readonly code = 'state/unreadable'
  readonly hint = 'Run "varve state rebuild": it puts the file aside and restores the state from the lake\'s commits.'
  override readonly place
  constructor(path: string, reason: string) {
    super(`The state file ${path} cannot be read: ${reason}.`)
    this.place = { file: path }
  }
}

export class StateTooNew extends ExplainedError {
  readonly code = 'state/too-new'
  readonly hint = 'Use that version of Varve, or run "varve state rebuild" to restore the state from the lake in this one\'s form.'
  override readonly place
  constructor(path: string, found: number, known: number) {
    super(`The state file ${path} was written by a newer Varve: its form is number ${found}, and this one knows up to ${known}.`)
    this.place = { file: path }
  }
}

export class StateNotWritable extends ExplainedError {
  readonly code = 'state/not-writable'
  readonly hint = 'Free the folder or its disk, or choose another lake with --lake DIR: the state stands beside it.'
  override readonly place
  constructor(path: string, reason: string) {
    super(`The state file ${path} cannot be written: ${reason}.`)
    this.place = { file: path }
  }
}

export class StateBusy extends ExplainedError {
  readonly code = 'state/busy'
  readonly hint = 'Look for a process that holds the file open in a transaction, then try again.'
  override readonly place
  constructor(path: string, waitedMs: number) {
    super(`The state file ${path} was locked by another process for more than ${Math.round(waitedMs / 1000)} seconds.`)
    this.place = { file: path }
  }
}

export class StateOfAnotherLake extends ExplainedError {
  readonly code = 'state/of-another-lake'
  readonly hint = 'Another run has just made it. Run the command again: each lake gets a state file of its own.'
  override readonly place
  constructor(path: string, owner: string, lake: string) {
    super(`The state file ${path} belongs to the lake ${owner}, not to ${lake}.`)
    this.place = { file: path }
  }
}
