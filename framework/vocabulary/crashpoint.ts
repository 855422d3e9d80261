import { writeSync } from 'node:fs'

/**
 * Where a run may be killed by a test: every instant at which the lake or the state file stands between two whole states. A new one is
 * named here, and is tested from then on.
 */
export const CRASHPOINTS = [
  // The run and its record.
  'run-announced', 'events-unwritten', 'events-written', 'run-ended',
  // One step's turn.
  'lease-taken', 'step-begun', 'chunk-done', 'lease-kept', 'lease-given-back',
  // Files that nobody sees yet.
  'files-begun', 'files-written', 'file-adopted', 'files-adopted', 'candidate-staged', 'candidate-checked', 'candidate-discarded',
  // A commit, and what follows it.
  'commit-hidden', 'commit-linked', 'commit-made', 'checkpoint-unwritten', 'checkpoint-written',
  // A batch of raw files.
  'file-half-copied', 'files-copied', 'manifest-hidden', 'manifest-linked',
  // That a run looked, and found everything as it was.
  'note-hidden', 'note-written',
  // What the state file keeps of the lake.
  'found-unrecorded', 'ledgers-unsaved', 'ledgers-saved', 'state-made',
] as const

export type Crashpoint = (typeof CRASHPOINTS)[number]

/** Names the point; after a colon, at which passing; after another, `stop` for a process that only falls silent: `commit-linked:3:stop`. */
const CRASHPOINT = 'VARVE_CRASHPOINT'

const [wanted, nth = '1', how = 'kill'] = (process.env[CRASHPOINT] ?? '').split(':')
let passings = Number(nth)

/** Kills this process, as `kill -9` would, where the environment variable VARVE_CRASHPOINT names this point; else does nothing. */
export function crashpoint(name: Crashpoint): void {
  if (name !== wanted || --passings !== 0) return
  writeSync(2, `${how} at ${name}\n`)
  process.kill(process.pid, how === 'stop' ? 'SIGSTOP' : 'SIGKILL')
}
