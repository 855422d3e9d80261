import { expect, test } from 'vitest'
import { BatchedEvents } from '../../framework/state/batched-events.ts'
import { MemoryEventLog } from '../../framework/state/memory-event-log.ts'
import type { RunEvent } from '../../framework/vocabulary/run-event.ts'
import { toldRun } from './told-runs.ts'

const nextMoment = () => new Promise(resolve => setTimeout(resolve, 5))

/** Counts what goes into a real log, and fails when told to. */
class CountedLog {
  readonly log = new MemoryEventLog()
  readonly batches: number[] = []
  failure: Error | undefined

  append(events: readonly RunEvent[]): void {
    if (this.failure) throw this.failure
    this.batches.push(events.length)
    this.log.append(events)
  }
}

test('what happens within a moment is one transaction', async () => {
  const counted = new CountedLog()
  const events = new BatchedEvents(counted, 0)
  const told = toldRun('run-1')
  for (const event of told) events.add(event)
  expect(counted.batches).toEqual([])
  await nextMoment()
  events.add(told[1]!)
  events.flush()
  await nextMoment()
  events.flush()
  expect(counted.batches).toEqual([told.length, 1])
  expect(counted.log.run('run-1')!.steps).toHaveLength(3)
})

test('a batch that could not be written stops whoever has more to tell', async () => {
  const counted = new CountedLog()
  const events = new BatchedEvents(counted, 0)
  counted.failure = new Error('the disk is full')
  events.add(toldRun('run-1')[0]!)
  await nextMoment()
  expect(() => events.add(toldRun('run-1')[1]!)).toThrow('the disk is full')
  expect(() => events.flush()).toThrow('the disk is full')
})
