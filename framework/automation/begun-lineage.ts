import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenLineageRunEvent } from '../graph/lineage-formats/openlineage-run.ts'
import { isAlive } from '../vocabulary/processes.ts'

/** The STARTs whose end was not told yet, a file each, so that the end of what a killed process was at can be told by the next. */
export class BegunLineage {
  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true })
  }

  /** Is to be told of each event before it is sent. */
  note(event: OpenLineageRunEvent): void {
    const path = join(this.folder, `${event.run.runId}.json`)
    if (event.eventType !== 'START') return rmSync(path, { force: true })
    writeFileSync(`${path}.tmp`, JSON.stringify({ process: process.pid, start: event } satisfies Begun))
    renameSync(`${path}.tmp`, path)
  }

  /** The STARTs of processes that are gone, steps before the runs that they are part of. They are handed out once. */
  left(): OpenLineageRunEvent[] {
    const found = readdirSync(this.folder).filter(name => name.endsWith('.json')).flatMap(name => this.#taken(join(this.folder, name)))
    return found.sort((a, b) => Number('parent' in b.run.facets) - Number('parent' in a.run.facets) || (a.eventTime < b.eventTime ? 1 : -1))
  }

  #taken(path: string): OpenLineageRunEvent[] {
    const taken = `${path}.${process.pid}`
    try {
      const { process: owner, start } = JSON.parse(readFileSync(path, 'utf8')) as Begun
      if (isAlive(owner)) return []
      renameSync(path, taken)
      rmSync(taken)
      return [start]
    } catch (error) {
      // Another process took it in the meantime.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}

interface Begun {
  readonly process: number
  readonly start: OpenLineageRunEvent
}
