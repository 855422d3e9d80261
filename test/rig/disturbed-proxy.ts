import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly conditional: boolean
}

/** What becomes of a request: it is answered with an error before or after it was carried out, or its connection is cut, or it comes late. */
export type Disturbance =
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string; readonly carriedOut?: boolean; readonly date?: Date }
  | { readonly kind: 'cut'; readonly carriedOut: boolean }
  | { readonly kind: 'late'; readonly ms: number }

/** Stands before a server, counts what it is asked, and disturbs what a test wants disturbed. */
export class DisturbedProxy {
  readonly asked: Asked[] = []
  disturb: (asked: Asked, nth: number) => Disturbance | undefined = () => undefined
  #server: Server | undefined

  static async before(endpoint: string): Promise<DisturbedProxy> {
    const proxy = new DisturbedProxy()
    const server = createServer((request, response) => void proxy.#pass(new URL(endpoint), request, response))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    proxy.#server = server
    return proxy
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`
  }

  /** What was asked since the last look. */
  take(): readonly Asked[] {
    return this.asked.splice(0)
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise(resolve => this.#server?.close(resolve))
  }

  async #pass({ hostname, port }: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const asked = { method: request.method!, path: request.url!, conditional: request.headers['if-none-match'] !== undefined || request.headers['if-match'] !== undefined }
    this.asked.push(asked)
    const disturbance = this.disturb(asked, this.asked.length)
    if (disturbance?.kind === 'late') await new Promise(resolve => setTimeout(resolve, disturbance.ms))
    if (disturbance?.kind === 'cut' && !disturbance.carriedOut) return void request.socket.destroy()
    if (disturbance?.kind === 'refuse' && !disturbance.carriedOut) return refuse(response, disturbance)
    const inner = ask({ hostname, port, method: request.method, path: request.url, headers: request.headers }, answer => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        if (disturbance?.kind === 'cut') return void request.socket.destroy()
        if (disturbance?.kind === 'refuse') return refuse(response, disturbance)
        response.writeHead(answer.statusCode!, answer.headers)
        response.end(Buffer.concat(parts))
      })
    })
    inner.on('error', () => request.socket.destroy())
    inner.end(Buffer.concat(chunks))
  }
}

function refuse(response: ServerResponse, { status, code, date }: { readonly status: number; readonly code: string; readonly date?: Date }): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...(date && { date: date.toUTCString() }) })
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code === 'SlowDown' ? 'Please reduce your request rate.' : code}</Message></Error>`)
}
