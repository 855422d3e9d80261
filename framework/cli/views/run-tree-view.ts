import { cut, padEnd, padStart, textWidth, visible } from '../terminal/text-width.ts'
import type { Style } from '../terminal/style.ts'
import { count, counted, duration } from './amounts.ts'
import type { StepProgress } from './run-progress.ts'

export interface TreeLook {
  readonly width: number
  /** The most lines there may be. */
  readonly height: number
  readonly style: Style
  /** On the watcher's clock, in milliseconds. */
  readonly now: number
  /** When the run began, on the same clock. */
  readonly since: number
}

/** A run as it stands: its steps under their layers, and a line that counts them. What does not fit is told by its layer. */
export function runTreeLines(steps: readonly StepProgress[], look: TreeLook): string[] {
  const layers = byLayer(steps)
  const room = look.height - 2
  const names = nameWidth(steps, look)
  const whole = [...layers].flatMap(([layer, members]) => [look.style.bold(layer)].concat(members.map(step => stepLine(step, names, look))))
  const tree = whole.length <= room ? whole : shortened(layers, room, look)
  return [...tree, '', countLine(steps, look)]
}

/** Each layer in one line, and below it only what runs or went wrong; the last of these give way where even that is too much. */
function shortened(layers: ReadonlyMap<string, readonly StepProgress[]>, room: number, look: TreeLook): string[] {
  const lines: string[] = []
  let left = Math.max(0, room - layers.size)
  for (const [layer, members] of layers) {
    const notable = members.filter(({ status }) => status === 'running' || status === 'failed' || status === 'check-failed')
    const shown = notable.length <= left ? notable : notable.slice(0, Math.max(0, left - 1))
    const names = nameWidth(notable, look)
    lines.push(layerLine(layer, members, look), ...shown.map(step => stepLine(step, names, look)))
    if (shown.length < notable.length && left > 0) lines.push(look.style.dim(`    and ${notable.length - shown.length} more`))
    left -= Math.min(left, shown.length + (shown.length < notable.length ? 1 : 0))
  }
  return lines.slice(0, Math.max(1, room))
}

function layerLine(layer: string, members: readonly StepProgress[], { style }: TreeLook): string {
  const done = members.filter(isOver)
  const rows = done.reduce((sum, { counts }) => sum + (counts?.rowsOut ?? 0), 0)
  const symbol = done.length < members.length ? ' ' : done.every(({ status }) => status === 'materialized' || status === 'fresh') ? style.green(style.symbols.good) : style.red(style.symbols.bad)
  return `${symbol} ${style.bold(layer)}  ${done.length} of ${members.length}${rows > 0 ? style.dim(`  ${counted(rows, 'row')}`) : ''}`
}

/** `✓ customer_360   162 rows   0.4 s   version 3`. What has no room is left out, from the right. */
function stepLine(step: StepProgress, nameCells: number, look: TreeLook): string {
  const { style, width } = look
  const cells = [padEnd(cut(step.name, nameCells), nameCells), padStart(amount(step, style), 14), padStart(time(step, look), 9)]
  let line = `  ${symbol(step, look)}`
  let used = 3
  for (const [i, cell] of cells.entries()) {
    const gap = i === 0 ? 1 : 2
    if (used + gap + textWidth(cell) > width) return line
    line += ' '.repeat(gap) + (step.status === 'waiting' ? style.dim(cell) : cell)
    used += gap + textWidth(cell)
  }
  const words = note(step)
  return words && used + 10 <= width ? `${line}  ${style.dim(cut(words, width - used - 2))}` : line.trimEnd()
}

const nameWidth = (steps: readonly StepProgress[], { width }: TreeLook): number =>
  Math.min(steps.reduce((widest, { name }) => Math.max(widest, textWidth(name)), 0), Math.max(10, width - 32))

function symbol({ status, unchanged }: StepProgress, { style, now }: TreeLook): string {
  const { symbols } = style
  switch (status) {
    case 'waiting': return style.dim(symbols.waiting)
    case 'running': return style.cyan(symbols.spinner[Math.floor(now / 100) % symbols.spinner.length]!)
    case 'materialized': return style.green(unchanged ? symbols.same : symbols.good)
    case 'fresh': return style.green(symbols.same)
    case 'skipped': case 'cancelled': return style.yellow(symbols.skipped)
    case 'failed': case 'check-failed': return style.red(symbols.bad)
  }
}

function amount({ status, ratio, rows, counts }: StepProgress, style: Style): string {
  if (status === 'running' && ratio !== undefined) return `${bar(ratio, style)} ${padStart(`${Math.floor(Math.min(1, ratio) * 100)}%`, 4)}`
  const made = counts?.rowsOut ?? rows
  return made === undefined || (status !== 'running' && status !== 'materialized') ? '' : counted(made, 'row')
}

function bar(ratio: number, { symbols, cyan, dim }: Style): string {
  const done = Math.round(Math.max(0, Math.min(1, ratio)) * 9)
  return cyan(symbols.bar[0].repeat(done)) + dim(symbols.bar[1].repeat(9 - done))
}

const time = ({ status, since, durationMs }: StepProgress, { now }: TreeLook): string =>
  status === 'running' && since !== undefined ? duration(now - since) : durationMs === undefined ? '' : duration(durationMs)

function note({ asset, status, counts, unchanged, tableVersion, because, error, broken, attempt }: StepProgress): string {
  const said: string[] = []
  switch (status) {
    case 'waiting': break
    case 'running': if (attempt > 1) said.push(`attempt ${attempt}`); break
    case 'materialized': said.push(unchanged ? 'unchanged' : `version ${tableVersion}`); break
    case 'fresh': said.push('fresh: its upstreams came out the same'); break
    case 'skipped': said.push(`skipped: ${because} did not end well`); break
    case 'cancelled': said.push('cancelled'); break
    case 'failed': case 'check-failed': said.push(error?.message.split('\n')[0]!.replace(`${asset}: `, '') ?? status); break
  }
  if (counts && counts.rejected > 0 && status === 'materialized') said.push(`${count(counts.rejected)} rejected`)
  if (counts?.deduplicated && status === 'materialized') said.push(counted(counts.deduplicated, 'duplicate'))
  if (broken.length > 0 && status === 'materialized') said.push(counted(broken.length, 'warning'))
  return visible(said.join(', '))
}

function countLine(steps: readonly StepProgress[], { style, now, since, width }: TreeLook): string {
  const running = steps.filter(({ status }) => status === 'running').length
  const bad = steps.filter(({ status }) => status === 'failed' || status === 'check-failed').length
  const words = [`${steps.filter(isOver).length} of ${steps.length} done`, running > 0 && `${running} running`, bad > 0 && `${bad} failed`].filter(Boolean).join(', ')
  const line = cut(`${words}  ${duration(now - since)}`, width)
  return bad > 0 ? style.red(line) : line
}

const isOver = ({ status }: StepProgress): boolean => status !== 'waiting' && status !== 'running'

function byLayer(steps: readonly StepProgress[]): Map<string, StepProgress[]> {
  const layers = new Map<string, StepProgress[]>()
  for (const step of steps) {
    const members = layers.get(step.layer)
    if (members) members.push(step)
    else layers.set(step.layer, [step])
  }
  return layers
}
