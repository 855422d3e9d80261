/** What clocks show as text and back: `2024-01-01`, `2024-01-01T06:00`. Clock times are milliseconds as if the clocks stood in UTC. */
export const dateText = (clockTime: number): string => new Date(clockTime).toISOString().slice(0, 10)
export const monthText = (clockTime: number): string => new Date(clockTime).toISOString().slice(0, 7)
export const hourText = (clockTime: number): string => new Date(clockTime).toISOString().slice(0, 13)

/** To the minute, and to the second where it needs it. */
export const minuteText = (clockTime: number): string => new Date(clockTime).toISOString().slice(0, clockTime % 60_000 === 0 ? 16 : 19)

/** The clock time of a text that stops after the month, the day, the hour, the minute or the second; undefined where there is no such time. */
export function clockTimeOf(text: string): number | undefined {
  const parts = /^([1-9]\d{3})-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?$/.exec(text)
  if (!parts) return undefined
  const [year, month, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map(part => (part === undefined ? undefined : Number(part)))
  const time = Date.UTC(year!, month! - 1, day, hour, minute, second)
  const back = new Date(time)
  const kept = back.getUTCMonth() === month! - 1 && back.getUTCDate() === day && back.getUTCHours() === hour && back.getUTCMinutes() === minute && back.getUTCSeconds() === second
  return kept ? time : undefined
}
