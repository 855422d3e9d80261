import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Where events of OpenLineage go, each as its JSON text, in the order in which they are handed over. */
export interface LineageTransport {
  /** Takes the event in. Never waits for a server, and never fails for one. */
  send(event: string): void
  /** Waits until all is delivered, or it is clear that it cannot be now. */
  close(): Promise<void>
}

/** One line an event, to whoever reads the output. */
export class ConsoleTransport implements LineageTransport {
  constructor(readonly write: (line: string) => void) {}

  send(event: string): void {
    this.write(event)
  }

  async close(): Promise<void> {}
}

/** One line an event, appended to a file. */
export class FileTransport implements LineageTransport {
  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true })
  }

  send(event: string): void {
    appendFileSync(this.path, `${event}\n`)
  }

  async close(): Promise<void> {}
}
