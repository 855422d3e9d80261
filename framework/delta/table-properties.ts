/** Table properties that maintenance reads, with Delta's own defaults. */
export interface MaintenanceProperties {
  readonly checkpointInterval: number
  /** Milliseconds. */
  readonly logRetention: number
  /** Milliseconds. */
  readonly deletedFileRetention: number
  readonly cleansLog: boolean
}

export function maintenanceProperties(properties: Readonly<Record<string, string>>): MaintenanceProperties {
  const interval = Number(properties['delta.checkpointInterval'] ?? 10)
  return {
    checkpointInterval: Number.isInteger(interval) && interval > 0 ? interval : 10,
    logRetention: intervalMillis(properties['delta.logRetentionDuration']) ?? 30 * DAY,
    deletedFileRetention: intervalMillis(properties['delta.deletedFileRetentionDuration']) ?? 7 * DAY,
    cleansLog: properties['delta.enableExpiredLogCleanup'] !== 'false',
  }
}

/** As Spark writes intervals: `interval 30 days`, `interval 1 week 2 hours`. @returns undefined where the text is none */
export function intervalMillis(text: string | undefined): number | undefined {
  const parts = [...(text ?? '').matchAll(/(\d+(?:\.\d+)?)\s*(millisecond|second|minute|hour|day|week)s?/gi)]
  if (parts.length === 0) return undefined
  return parts.reduce((total, [, count, unit]) => total + Number(count) * MILLIS[unit!.toLowerCase()]!, 0)
}

const DAY = 86_400_000
const MILLIS: Readonly<Record<string, number>> = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: DAY, week: 7 * DAY }
