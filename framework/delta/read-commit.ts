import type { Action, CommitInfoAction } from './actions.ts'
import { BrokenLog } from './delta-errors.ts'
import { jsonObjects } from './exact-json.ts'
import { commitName } from './log-names.ts'
import type { LogStore } from './log-store.ts'

/** The actions of one commit. @throws {BrokenLog} where the file is empty or torn: half a commit is no version */
export async function readCommit(store: LogStore, version: number): Promise<Action[]> {
  const actions: Action[] = []
  await eachAction(store, commitName(version), action => actions.push(action))
  return actions
}

/** What a commit says of itself, without parsing the rest of one that is whole. @throws {BrokenLog} where the file is empty or torn */
export async function readCommitInfo(store: LogStore, version: number): Promise<CommitInfoAction | undefined> {
  const bytes = Buffer.from(await store.read(commitName(version)))
  let info: CountedCommit | undefined
  let lines = 0
  let last = ''
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start)
    const end = newline === -1 ? bytes.length : newline
    if (info === undefined && bytes.toString('latin1', start, Math.min(end, start + COMMIT_INFO.length)) === COMMIT_INFO) info = bodyOf(bytes.toString('utf8', start, end))
    if (end > start) [lines, last] = [lines + 1, end >= bytes.length - 1 ? bytes.toString('utf8', start, end) : last]
    start = end + 1
  }
  const whole = info !== undefined && isObject(last) && (info.actionCount ?? lines) === lines
  if (whole) return info
  for (const action of await readCommit(store, version)) if ('commitInfo' in action) return action.commitInfo
  return undefined
}

const COMMIT_INFO = '{"commitInfo":'

const bodyOf = (line: string): CountedCommit | undefined => (isObject(line) ? (JSON.parse(line) as { commitInfo?: CountedCommit | null }).commitInfo ?? undefined : undefined)

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

/**
 * Hands over the actions of a commit one by one, so that one of 100,000 never stands in memory as a whole. `json` is the text of a file's
 * body, where it stands by itself on a line. @throws {BrokenLog} at the end where the file turns out torn: then what was handed over is void
 */
export async function eachAction(store: LogStore, name: string, found: (action: Action, json?: string) => void): Promise<void> {
  const place = `${store.place}/${name}`
  const bytes = Buffer.from(await store.read(name))
  let count = 0
  let promised: number | undefined
  try {
    for (const { action, json } of actionsIn(bytes)) {
      count += 1
      if ('commitInfo' in action) promised = (action.commitInfo as CountedCommit | null)?.actionCount ?? promised
      found(action, json)
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new BrokenLog(`${place} is torn or is no commit: ${error.message}.`)
  }
  if (count === 0) throw new BrokenLog(`${place} is empty: it is no commit.`)
  if (promised !== undefined && promised !== count) throw new BrokenLog(`${place} is torn: it has ${count} of ${promised} actions.`)
}

/** Our commits say how many actions they have, so that one that was cut between two lines is known. */
export interface CountedCommit extends CommitInfoAction {
  readonly actionCount?: number | undefined
}

/** Line by line from the bytes, so that a commit of many megabytes never stands in memory as one text. */
function* actionsIn(bytes: Buffer): Generator<{ readonly action: Action; readonly json?: string | undefined }> {
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
        for (const other of jsonObjects(bytes.toString('utf8', start))) yield { action: actionOf(other) }
        return
      }
      const action = actionOf(object)
      yield { action, json: 'add' in action && line.startsWith(ADD) && Object.keys(action).length === 1 ? line.slice(ADD.length, -1).trim() : undefined }
    }
    start = end + 1
  }
}

const ADD = '{"add":'

/** Unknown actions are let through and do nothing, as the protocol wants. @throws {SyntaxError} for one that lacks what makes it one: it is damage */
export function actionOf(object: unknown): Action {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new SyntaxError('expected an action')
  for (const [name, needs] of Object.entries(NEEDED)) {
    if (!(name in object)) continue
    const body = (object as Record<string, unknown>)[name]
    if (typeof body !== 'object' || body === null || !needs.some(field => field in body)) throw new SyntaxError(`expected ${needs[0]} in ${name}`)
  }
  return object as Action
}

/** Each has at least one of these. */
const NEEDED: Readonly<Record<string, readonly string[]>> = { add: ['path'], remove: ['path'], metaData: ['schemaString', 'id'], protocol: ['minReaderVersion'], txn: ['appId'], sidecar: ['path'] }
