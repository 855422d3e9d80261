/** `1,234`. */
export const count = (value: number): string => (Number.isSafeInteger(value) ? String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',') : value.toLocaleString('en-US'))

/** `1 row`, `1,234 rows`. */
export const counted = (value: number, thing: string, things = `${thing}s`): string => `${count(value)} ${value === 1 ? thing : things}`

/** `40 ms`, `1.2 s`, `3 m 05 s`, `2 h 07 m`. */
export function duration(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)} ms`
  const seconds = millis / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor(whole / 60) % 60)} m`
}

/** `812 bytes`, `1.4 MB`. */
export function bytes(value: number): string {
  if (value < 1000) return counted(value, 'byte')
  const unit = Math.min(UNITS.length, Math.floor(Math.log10(value) / 3))
  return `${(value / 1000 ** unit).toFixed(1)} ${UNITS[unit - 1]}`
}

/** `just now`, `5 minutes ago`, `3 days ago`; the date itself for what is old, and the instant for what lies ahead of the clock. */
export function ago(at: string, now: Date): string {
  const seconds = (now.getTime() - Date.parse(at)) / 1000
  if (seconds < 0) return at
  if (seconds < 45) return 'just now'
  for (const [unit, span, below] of SPANS) if (seconds < below) return `${counted(Math.max(1, Math.floor(seconds / span)), unit)} ago`
  return at.slice(0, 10)
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB']
const SPANS = [['minute', 60, 3600], ['hour', 3600, 86_400], ['day', 86_400, 60 * 86_400]] as const
const pad = (value: number): string => String(value).padStart(2, '0')
