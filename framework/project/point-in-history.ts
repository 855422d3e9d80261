import type { At } from '../delta/delta-table.ts'
import { QueryRefused } from './project-errors.ts'

/** Reads a version or an instant, in UTC where it does not say otherwise. @throws {QueryRefused} where it is neither */
export function pointInHistory(asOf: string): At {
  if (/^\d+$/.test(asOf)) return { version: Number(asOf) }
  const time = new Date(/[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/.test(asOf) ? `${asOf.replace(' ', 'T')}Z` : asOf)
  if (!/^\d{4}-\d{2}-\d{2}/.test(asOf) || Number.isNaN(time.getTime())) throw new QueryRefused(`"${asOf}" is no point in a table's history.`, 'Give a version, as in 7, or an instant, as in 2026-03-01T06:00:00Z.')
  return { time }
}
