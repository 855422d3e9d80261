import { ExplainedError } from './errors.ts'

/** A span of time as people write it: `90s`, `15m`, `26h`, `7d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** @throws {NotADuration} where the text is no duration: configuration is not checked by the compiler. */
export function toMillis(duration: Duration): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|[smhd])$/.exec(duration)
  if (!parts) throw new NotADuration(duration)
  return Number(parts[1]) * UNITS[parts[2] as keyof typeof UNITS]
}

export class NotADuration extends ExplainedError {
  readonly code = 'vocabulary/not-a-duration'
  readonly hint = 'Write a number and a unit: 500ms, 90s, 15m, 26h or 7d.'
  constructor(readonly text: string) {
    super(`"${text}" is not a duration.`)
  }
}
