import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Gate } from './gate.ts'

/** What the SDK of AWS must find in the environment before it calls anybody. */
export const AWS_FOR_TESTS = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }

/** What to do instead of answering, for tests of faults. */
export interface Fault {
  /** As in `StartJobRun`. */
  readonly call: string
  /** `drop`: carry it out, and cut the connection before the answer. `ignore`: answer, and do nothing. `skew`: the clock of who asks is an hour behind. */
  readonly how: 'throttle' | 'drop' | 'error' | 'expired' | 'ignore' | 'skew' | 'deny'
  times: number
}

/** What answers to calls of one of AWS's services share, whatever its protocol: where they listen, whom they count, and the faults that they were told. */
export abstract class AwsServer {
  readonly calls: string[] = []
  readonly faults: Fault[] = []
  /** While it is held, jobs stay in the queue. */
  readonly queue = new Gate()
  /** The state that a running job shows instead of its own, as of a version of the API that is not there yet. */
  strangeState: string | undefined
  readonly #server = createServer((request, response) => void this.serve(request, response).catch(error => this.refuse(response, 500, 'InternalServerException', String(error))))

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Calls of one kind so far. */
  count(call: string): number {
    return this.calls.filter(name => name === call).length
  }

  async stop(): Promise<void> {
    for (const ending of this.endings()) ending.abort()
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  protected async listen(): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  /** Counts a call, and takes up the fault that it is to meet. */
  protected faultOf(call: string): Fault['how'] | undefined {
    this.calls.push(call)
    const fault = this.faults.find(each => each.call === call && each.times > 0)
    if (fault) fault.times -= 1
    return fault?.how
  }

  /** Answers as a fault has it; false where there is nothing to answer yet. */
  protected faulty(fault: Fault['how'] | undefined, response: ServerResponse): boolean {
    switch (fault) {
      case 'error': return this.#said(response, 503, 'ServiceUnavailableException', 'Try again')
      case 'expired': return this.#said(response, 403, 'ExpiredTokenException', 'The security token included in the request is expired')
      case 'deny': return this.#said(response, 403, 'AccessDeniedException', 'User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/varve')
      case 'skew':
        response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString())
        return this.#said(response, 403, 'InvalidSignatureException', 'Signature expired: it is now an hour later')
      case 'ignore':
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{}')
        return true
      case 'throttle': case 'drop': case undefined: return false
    }
  }

  #said(response: ServerResponse, status: number, type: string, message: string): true {
    this.refuse(response, status, type, message)
    return true
  }

  protected abstract serve(request: IncomingMessage, response: ServerResponse): Promise<void>
  protected abstract refuse(response: ServerResponse, status: number, type: string, message: string): void
  /** By what its jobs are ended. */
  protected abstract endings(): Iterable<AbortController>
}

export async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
