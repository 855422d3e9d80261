import { stops } from '../../vocabulary/check-result.ts'
import type { RunEvent } from '../../vocabulary/run-event.ts'
import type { Style } from '../terminal/style.ts'
import { visible } from '../terminal/text-width.ts'
import { count, counted, duration } from './amounts.ts'
import { warningText } from './warning-words.ts'

/** What a pipe is told of an event: a line, or nothing. */
export function eventLine(event: RunEvent, style: Style): string | undefined {
  const { symbols } = style
  switch (event.type) {
    case 'run-started': return event.steps.length === 0 ? undefined : `run ${event.run}: ${counted(event.steps.length, 'step')} to do, ${counted(event.fresh, 'asset')} fresh`
    case 'step-materialized': {
      const { counts, unchanged, durationMs, materialization } = event
      const rejected = counts.rejected > 0 ? `, ${count(counts.rejected)} rejected` : ''
      const duplicates = counts.deduplicated ? `, ${counted(counts.deduplicated, 'duplicate')}` : ''
      const outcome = unchanged ? 'unchanged' : `version ${materialization.tableVersion}`
      return `${style.green(unchanged ? symbols.same : symbols.good)} ${slice(materialization)}  ${counted(counts.rowsOut, 'row')}${rejected}${duplicates} in ${duration(durationMs)}, ${outcome}`
    }
    case 'step-fresh': return `${style.green(symbols.same)} ${slice(event)}  ${event.held ? 'its checks hold: nothing was written' : 'fresh: its upstreams came out the same'}`
    case 'step-skipped': return `${style.yellow(symbols.skipped)} ${slice(event)}  skipped: ${event.because} did not end well`
    case 'step-failed': return event.status === 'cancelled'
      ? `${style.yellow(symbols.skipped)} ${slice(event)}  cancelled after ${duration(event.durationMs)}`
      : `${style.red(symbols.bad)} ${slice(event)}  ${firstLine(event.error)}`
    case 'step-retried': return `${style.yellow(symbols.again)} ${slice(event)}  attempt ${event.attempt} failed: ${firstLine(event.error)} Again in ${duration(event.delayMs)}.`
    case 'step-checked': {
      const { result } = event
      return result.passed || stops(result) ? undefined : `${style.yellow(symbols.warning)} ${slice(event)}  ${warningText(result)}`
    }
    case 'log': return logLine(event, style)
    case 'step-started': case 'step-progress': case 'step-staged': case 'step-job': case 'run-finished': return undefined
  }
}

/** What an asset's own code said. */
export const logLine = (event: Extract<RunEvent, { type: 'log' }>, style: Style): string => `${style.dim(`${event.asset}:`)} ${visible(event.message)}`

const slice = ({ asset, partition }: { readonly asset: string; readonly partition?: string | undefined }): string => (partition === undefined ? asset : `${asset}@${partition}`)

const firstLine = ({ message }: { readonly message: string }): string => visible(message.split('\n')[0]!)
