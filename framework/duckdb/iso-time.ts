/** A date or time as DuckDB shows it, as ISO 8601 has it: `0044-03-15 (BC) 10:00:00` is of the year -43, since there is a year 0. */
export const isoTime = (shown: string): string =>
  shown.replace(/^(\d+)(-\d\d-\d\d) \(BC\)/, (_, year: string, day: string) => `${Number(year) === 1 ? '' : '-'}${String(Number(year) - 1).padStart(Number(year) === 1 ? 4 : 6, '0')}${day}`).replace(/^(\S+) (?=\d)/, '$1T')
