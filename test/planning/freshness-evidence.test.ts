import { describe, expect, test } from 'vitest'
import { product, staticPartitions } from '../../framework/partitions/static-partitions.ts'
import { daily, hourly } from '../../framework/partitions/time-partitions.ts'
import type { Partitions } from '../../framework/partitions/partitions.ts'
import { newestEvent } from '../../framework/planning/freshness-evidence.ts'
import type { PartitionKey } from '../../framework/vocabulary/partition-key.ts'

const newest = (partitions: Partitions | undefined, made: readonly (readonly [at: string, slices?: string])[], lookedAt?: string) => {
  const found = newestEvent({ partitions }, made.map(([at, slices]) => ({ at, partition: slices as PartitionKey | undefined })), lookedAt, {})
  return found === undefined ? undefined : new Date(found).toISOString().replace('.000', '')
}

describe('what an asset\'s age counts from', () => {
  test('is its newest event, in whatever order they were told', () => {
    expect(newest(undefined, [['2026-03-01T10:00:00Z'], ['2026-03-01T12:00:00Z'], ['2026-03-01T11:00:00Z']])).toBe('2026-03-01T12:00:00Z')
  })

  test('is a look that found nothing new, where that came later', () => {
    expect(newest(undefined, [['2026-03-01T10:00:00Z']], '2026-03-01T13:00:00Z')).toBe('2026-03-01T13:00:00Z')
    expect(newest(undefined, [['2026-03-01T14:00:00Z']], '2026-03-01T13:00:00Z')).toBe('2026-03-01T14:00:00Z')
  })

  test('is nothing where there was no event', () => {
    expect(newest(undefined, [])).toBeUndefined()
  })

  const days = daily({ column: 'day', start: '2026-01-01' })
  test('is of slices the newest window as it was then', () => {
    expect(newest(days, [['2026-03-02T00:30:00Z', '2026-03-01'], ['2026-03-03T00:30:00Z', '2026-03-02']])).toBe('2026-03-03T00:30:00Z')
    expect(newest(days, [['2026-03-04T09:00:00Z', '2026-03-01..2026-03-04']])).toBe('2026-03-04T09:00:00Z')
  })

  test('is not the past that was made again', () => {
    expect(newest(days, [['2026-03-02T00:30:00Z', '2026-03-01'], ['2026-03-02T09:00:00Z', '2026-01-05'], ['2026-03-05T10:00:00Z', '2026-01-01..2026-02-01']])).toBe('2026-03-02T00:30:00Z')
  })

  test('is not a slice that has been followed by another by then', () => {
    expect(newest(days, [['2026-03-02T00:30:00Z', '2026-03-01'], ['2026-03-03T00:00:00Z', '2026-03-01']])).toBe('2026-03-02T00:30:00Z')
  })

  test('is of two dimensions the newest time with any name', () => {
    const both = product({ hour: hourly({ column: 'hour', start: '2026-03-01T00:00' }), region: staticPartitions({ column: 'region', keys: ['eu', 'us'] }) })
    expect(newest(both, [['2026-03-01T05:10:00Z', '2026-03-01T04|eu'], ['2026-03-01T06:10:00Z', '2026-03-01T04|us']])).toBe('2026-03-01T05:10:00Z')
  })

  test('is any slice where time does not tell them apart', () => {
    expect(newest(staticPartitions({ column: 'region', keys: ['eu', 'us'] }), [['2026-03-01T05:10:00Z', 'us']])).toBe('2026-03-01T05:10:00Z')
  })

  test('is no slice of a cut that is no more', () => {
    expect(newest(days, [['2026-03-02T00:30:00Z', 'eu']])).toBeUndefined()
  })
})
