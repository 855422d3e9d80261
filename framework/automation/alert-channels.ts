import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Alert } from '../vocabulary/alert.ts'
import type { AlertChannel } from './alerts.ts'

/** Tells alerts on the daemon's own output. */
export class ConsoleChannel implements AlertChannel {
  constructor(readonly name: string, readonly say: (line: string) => void) {}

  async send({ kind, severity, message, owners, runbook }: Alert): Promise<void> {
    const whom = owners.length > 0 ? ` [${owners.join(', ')}]` : ''
    this.say(`${kind === 'recovered' ? 'RECOVERED' : `${kind === 'escalated' ? 'STILL ' : ''}${severity.toUpperCase()}`} ${message}${whom}${runbook === null ? '' : ` ${runbook}`}`)
  }
}

/** A line of JSON for each alert. */
export class FileChannel implements AlertChannel {
  constructor(readonly name: string, readonly path: string) {}

  async send(alert: Alert): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true })
    await appendFile(this.path, `${JSON.stringify({ version: 1, ...alert })}\n`)
  }
}

/** Posts alerts as JSON. Whoever does not answer within the time-out has not got it. */
export class WebhookChannel implements AlertChannel {
  constructor(readonly name: string, readonly url: string, readonly timeoutMs = 10_000) {}

  async send(alert: Alert, signal: AbortSignal): Promise<void> {
    const response = await fetch(this.url, {
      method: 'POST',
      // The same alert sent again has the same key, so that its receiver can tell.
      headers: { 'content-type': 'application/json', 'idempotency-key': `${alert.incident} ${alert.kind} ${alert.at}` },
      body: JSON.stringify({ version: 1, ...alert }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.timeoutMs)]),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`)
  }
}
