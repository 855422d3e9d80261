import { basename, join, resolve } from 'node:path'
import { BegunLineage } from '../automation/begun-lineage.ts'
import { HttpLineageTransport } from '../automation/http-lineage-transport.ts'
import { LineageOutbox } from '../automation/lineage-outbox.ts'
import { ConsoleTransport, FileTransport, type LineageTransport } from '../automation/lineage-transport.ts'
import { RunTeller } from '../graph/lineage-formats/openlineage-run.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import type { EventSink } from '../vocabulary/run-event.ts'
import type { ProjectFrame } from './frame.ts'
import { datasetsOf } from './lake-datasets.ts'
import type { LineageSettings, LineageTarget } from './lineage-config.ts'
import { isPersonal } from './personal-data.ts'

/** Tells runs to OpenLineage's readers. */
export interface LineageEvents {
  readonly listen: EventSink
  /** Waits until all is delivered, or it is clear that it cannot be now. */
  close(): Promise<void>
}

export interface LineageEventsOptions {
  readonly lineage: LineageGraph
  readonly engine: { readonly name: string; readonly version: string }
  readonly version: string
  /** When what was left behind by processes that are gone is told to have ended. */
  readonly now: Date
  readonly say: (message: string) => void
}

export function lineageEvents(frame: ProjectFrame, settings: LineageSettings, { lineage, engine, version, now, say }: LineageEventsOptions): LineageEvents {
  const { graph, queries, root } = frame
  const transport = transportOf(settings.to, root, say)
  const texts = new Map(queries.map(({ definition, text }) => [definition.key, text]))
  const holdsPersonal = new Set(lineage.nodes.filter(({ columns = [] }) => columns.some(({ tags }) => tags.some(isPersonal))).map(({ key }) => key))
  const teller = new RunTeller({
    namespace: settings.namespace,
    job: basename(root),
    dataset: datasetsOf(frame.lake, frame.locations),
    lineage,
    engine,
    version,
    definitionOf: key => graph.get(key),
    sqlOf: key => texts.get(key),
    isPersonal: key => [key, ...graph.upstreamKeysOf(key)].some(each => holdsPersonal.has(each)),
  })
  const begun = new BegunLineage(join(root, '.varve/openlineage/begun'))
  for (const start of begun.left()) transport.send(JSON.stringify(teller.leftBehind(start, now.toISOString())))
  return {
    listen: event => {
      for (const told of teller.tell(event)) {
        begun.note(told)
        transport.send(JSON.stringify(told))
      }
    },
    close: () => transport.close(),
  }
}

function transportOf(to: LineageTarget, root: string, say: (message: string) => void): LineageTransport {
  switch (to.type) {
    case 'console': return new ConsoleTransport(say)
    case 'file': return new FileTransport(resolve(root, to.path))
    case 'http': return new HttpLineageTransport(new LineageOutbox(join(root, '.varve/openlineage')), { url: to.url, apiKey: to.apiKey, timeoutMs: to.timeoutMs, say })
  }
}
