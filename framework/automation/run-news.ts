import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'

/** What must be kept of the events of runs from one look to the next: plain data, kept as JSON. Slices are text; absent or empty: the asset has none. */
export interface RunMemory {
  /** Up to where the log has been read. */
  readonly point: number
  /** What each run that has not ended set out to make. */
  readonly targets: Readonly<Record<string, { readonly at: string; readonly assets: readonly AssetKey[] }>>
  /** How attempts ended, oldest first, from the first on that ended badly: `+` before slices that failed, `-` before those that were made good. */
  readonly failed: Readonly<Record<AssetKey, readonly string[]>>
}

export interface RunNews extends RunMemory {
  readonly updates: readonly { readonly asset: AssetKey; readonly slices?: string | undefined; readonly changed: boolean; readonly targets: readonly AssetKey[] }[]
}

export const noMemory = (point: number): RunMemory => ({ point, targets: {}, failed: {} })

/** A run that was not heard of for so long was killed. */
const FORGOTTEN_AFTER_MS = 3 * 86_400_000
const MOST_KEPT = 100

/** What the events since the last look tell. */
export function runNews(memory: RunMemory, events: readonly RunEvent[], point: number, now: Date): RunNews {
  const targets = { ...memory.targets }
  const failed: Record<AssetKey, readonly string[]> = { ...memory.failed }
  const updates: RunNews['updates'][number][] = []
  const settle = (asset: AssetKey, slices: string, bad: boolean) => {
    const before = failed[asset] ?? []
    if (bad) failed[asset] = [...before, `+${slices}`].slice(-MOST_KEPT)
    else if (slices === '') delete failed[asset]
    else if (before.length > 0) failed[asset] = [...before, `-${slices}`].slice(-MOST_KEPT)
  }
  for (const event of events) {
    switch (event.type) {
      case 'run-started':
        targets[event.run] = { at: event.at, assets: [...new Set(event.steps.map(({ asset }) => asset))] }
        break
      case 'run-finished':
        break
      case 'step-materialized': {
        const { asset, partition, materialization, unchanged } = event
        settle(asset, partition ?? '', false)
        const changes = materialization.changed ?? partition
        updates.push({ asset, slices: changes === '' ? partition : changes, changed: !unchanged && changes !== '', targets: targets[event.run]?.assets ?? [asset] })
        break
      }
      case 'step-fresh':
        settle(event.asset, event.partition ?? '', false)
        break
      case 'step-failed':
        settle(event.asset, event.partition ?? '', event.status !== 'cancelled')
        break
      case 'step-started': case 'step-progress': case 'step-staged': case 'step-checked': case 'step-retried': case 'step-skipped': case 'step-job': case 'log':
        break
    }
  }
  for (const event of events) if (event.type === 'run-finished') delete targets[event.run]
  for (const [run, { at }] of Object.entries(targets)) if (now.getTime() - Date.parse(at) > FORGOTTEN_AFTER_MS) delete targets[run]
  return { point, targets, failed, updates }
}
