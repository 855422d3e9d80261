/** `40s`, `12m`, `3h 5m`, `6d 4h`: the two greatest units, rounded down. */
export function spanInWords(millis: number): string {
  const minutes = Math.floor(millis / 60_000)
  if (minutes < 1) return `${Math.floor(millis / 1000)}s`
  if (minutes < 60) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? pair(hours, 'h', minutes % 60, 'm') : pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const pair = (great: number, unit: string, small: number, below: string): string => (small === 0 ? `${great}${unit}` : `${great}${unit} ${small}${below}`)
