import type { Command } from 'commander'
import type { Invocation } from '../command.ts'
import type { ReplayFrom } from '../../storage/checkpoints.ts'
import { withProjectOptions, type ProjectOptions } from '../project-options.ts'
import { WrongArgument } from '../usage-errors.ts'
import { runOn } from './materialize.ts'

interface Options extends ProjectOptions {
  readonly from: ReplayFrom
}

export function configure(command: Command, invocation: Invocation): void {
  withProjectOptions(
    command
      .argument('<topic>', 'a topic that an asset takes in')
      .requiredOption('--from <place>', 'earliest, an instant as in 2026-03-01T06:00:00Z, or the first offset of each partition as in 0:1200,1:1187', place),
  ).action((topic: string, options: Options) => runOn(options, invocation, [topic], (project, running) => project.replayStream(topic, options.from, running)))
}

/** @throws {WrongArgument} where it is no place to begin at. */
function place(text: string): ReplayFrom {
  if (text === 'earliest') return { kind: 'earliest' }
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i.test(text) && !Number.isNaN(Date.parse(text))) return { kind: 'time', at: new Date(text).toISOString() }
  const offsets = offsetsOf(text)
  if (offsets) return { kind: 'offsets', offsets }
  throw new WrongArgument(`--from "${text}" is no place to begin at.`, 'Write earliest, an instant with its zone, or the first offset of each partition, as in 0:1200,1:1187 or {"0":1200,"1":1187}.')
}

function offsetsOf(text: string): Record<string, number> | undefined {
  const pairs = /^\{.*\}$/s.test(text) ? jsonPairs(text) : text.split(',').map(pair => pair.split(':').map(part => part.trim()))
  if (!pairs || pairs.length === 0 || pairs.some(([partition = '', offset = '', ...more]) => !/^\d{1,9}$/.test(partition) || !/^\d{1,15}$/.test(offset) || more.length > 0)) return undefined
  return Object.fromEntries(pairs.map(([partition, offset]) => [partition, Number(offset)]))
}

function jsonPairs(text: string): string[][] | undefined {
  try {
    return Object.entries(JSON.parse(text) as Record<string, unknown>).map(([partition, offset]) => [partition, String(offset)])
  } catch {
    return undefined
  }
}
