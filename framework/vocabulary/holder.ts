import { hostname } from 'node:os'
import { isAlive } from './processes.ts'

/** Who holds a lease: for people, and for other processes of this machine to find out whether it still lives. */
export const holderOf = (run: string, pid = process.pid): string => heldBy(`run ${run}`, pid)

/** As {@link holderOf}, of whoever it is. */
export const heldBy = (who: string, pid = process.pid): string => `${who} (process ${pid} on ${hostname()})`

/**
 * Whether the process that a holder names has ended without giving its leases back. Of another machine's nobody can tell here. Should this be
 * wrong, as between containers that share a name: who lost a lease finds out right before it publishes.
 */
export function isGone(holder: string): boolean {
  const [, pid, host] = /\(process (\d+) on (.+)\)$/.exec(holder) ?? []
  return pid !== undefined && host === hostname() && !isAlive(Number(pid))
}
