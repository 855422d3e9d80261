import type { Action, AddFile, CommitInfoAction } from './actions.ts'
import { BrokenLog } from './delta-errors.ts'
import { jsonObjects } from './exact-json.ts'
import { commitName } from './log-names.ts'
import type { LogStore } from './log-store.ts'

export interface ReadAction {
  readonly action: Action
  /** The body's own text, where it stands by itself on a line. */
  readonly json?: string | undefined
}

/** The actions of one commit. @throws {BrokenLog} where the file is empty or torn: half a commit is no version */
export async function readCommit(store: LogStore, version: number, name = commitName(version)): Promise<ReadAction[]> {
  return commitActions(Buffer.from(await store.read(name)), `${store.place}/${name}`)
}

/** The actions in the bytes of a commit; `place` is for the message. */
export function commitActions(bytes: Buffer, place: string): ReadAction[] {
  const actions: ReadAction[] = []
  try {
    for (const action of actionsIn(bytes)) actions.push(action)
  } catch (error) {
    throw new BrokenLog(`${place} is torn or is no commit: ${error instanceof Error ? error.message : String(error)}.`)
  }
  if (actions.length === 0) throw new BrokenLog(`${place} is empty: it is no commit.`)
  const promised = actions.map(({ action }) => ('commitInfo' in action ? (action.commitInfo as CountedCommit).actionCount : undefined)).find(count => count !== undefined)
  if (promised !== undefined && promised !== actions.length) throw new BrokenLog(`${place} is torn: it has ${actions.length} of ${promised} actions.`)
  return actions
}

/** Our commits say how many actions they have, so that one that was cut between two lines is known. */
export interface CountedCommit extends CommitInfoAction {
  readonly actionCount?: number | undefined
}

/** Line by line from the bytes, so that a commit of many megabytes never stands in memory as one text. */
function* actionsIn(bytes: Buffer): Generator<ReadAction> {
  let start = 0
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start)
    const end = newline === -1 ? bytes.length : newline
    const line = bytes.toString('utf8', start, end).trim()
    if (line !== '') {
      let object: unknown
      try {
        object = JSON.parse(line)
      } catch {
        for (const other of jsonObjects(bytes.toString('utf8', start))) yield { action: known(other) }
        return
      }
      const action = known(object)
      yield { action, json: 'add' in action && line.startsWith(ADD) && Object.keys(action).length === 1 ? line.slice(ADD.length, -1).trim() : undefined }
    }
    start = end + 1
  }
}

const ADD = '{"add":'

/** Unknown actions are let through and do nothing, as the protocol wants; what is no object at all is damage. */
function known(object: unknown): Action {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new SyntaxError('expected an action')
  const add = (object as { add?: AddFile | null }).add
  if ('add' in object && (typeof add !== 'object' || add === null)) throw new SyntaxError('expected a file in add')
  return object as Action
}
