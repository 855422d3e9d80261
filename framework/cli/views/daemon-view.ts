import type { AutomationStatus } from '../../project/project.ts'
import { subjectName } from '../../vocabulary/alert.ts'
import type { Style } from '../terminal/style.ts'
import { counted } from './amounts.ts'
import { ageInWords } from './freshness-view.ts'
import { tableLines } from './table-view.ts'

interface Look {
  readonly width: number
  readonly style: Style
}

/** Schedules with their newest and next times, what waits or runs, and what is wrong. */
export function daemonStatusLines({ schedules, requests, incidents, missed }: AutomationStatus, now: Date, look: Look): string[] {
  const { style } = look
  const open = requests.filter(({ status }) => status === 'waiting' || status === 'running')
  return [
    ...(schedules.length === 0 ? ['No schedule is configured.'] : tableLines([{ title: 'schedule', least: 12 }, { title: 'times', least: 12 }, { title: 'last', least: 20 }, { title: 'was', least: 9 }, { title: 'missed', align: 'right' }, { title: 'next', least: 20 }], schedules.map(({ schedule, ticks, next }) => {
      const last = ticks[0]
      return [schedule.name, `${schedule.cron} ${schedule.timezone}`, last ? shortly(last.tick) : '', last?.status ?? '', String(ticks.filter(({ status }) => status === 'missed').length), shortly(new Date(next).toISOString())]
    }), look)),
    '',
    `${counted(open.length, 'request')} open${open.length === 0 ? '.' : ':'}`,
    ...open.map(({ id, status }) => `  ${status === 'running' ? style.cyan(status) : status}  ${id}`),
    `${counted(incidents.length, 'incident')} open${incidents.length === 0 ? '.' : ':'}`,
    ...incidents.map(({ subject, severity, openedAt }) => `  ${severity === 'fail' ? style.red(severity) : style.yellow(severity)}  ${subjectName(subject)}, for ${ageInWords(Math.max(0, now.getTime() - Date.parse(openedAt)))}`),
    ...(missed.length === 0 ? [] : [`${counted(missed.length, 'time')} missed lately:`]),
    ...missed.map(({ schedule, tick, status }) => `  ${shortly(tick)}  ${schedule}${status === 'caught-up' ? ', made up for' : ''}`),
  ]
}

/** What `daemon --status --json` prints. */
export const daemonStatusDocument = ({ schedules, requests, incidents, missed }: AutomationStatus) => ({
  schedules: schedules.map(({ schedule: { name, cron, timezone, selection, doneWithinMs, catchUp }, ticks, next }) => ({
    name, cron, timezone, selection, doneWithin: doneWithinMs ?? null, catchUp, next: new Date(next).toISOString(), ticks: ticks.map(({ tick, status, at }) => ({ tick, status, at })),
  })),
  requests: requests.map(({ id, by, name, at, selection, slices, status, attempts, run, startedAt, endedAt, error }) => ({
    id, by, name, at, selection, slices, status, attempts, run: run ?? null, startedAt: startedAt ?? null, endedAt: endedAt ?? null, ...(error !== undefined && { error }),
  })),
  incidents: incidents.map(({ id, subject, severity, openedAt, escalations }) => ({ id, subject, severity, openedAt, escalations })),
  missed: missed.map(({ schedule, tick, status, at }) => ({ schedule, tick, status, at })),
})

const shortly = (at: string): string => at.replace(/\.\d+Z$/, 'Z')
