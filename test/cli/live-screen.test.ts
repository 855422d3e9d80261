import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LiveScreen } from '../../framework/cli/terminal/live-screen.ts'
import { plain } from '../../framework/cli/terminal/style.ts'
import type { Output } from '../../framework/cli/terminal/terminal.ts'

/** A terminal's stream that keeps what was written to it, of a size that can be changed. */
class Recorded implements Output {
  readonly isTerminal = true
  readonly style = plain
  readonly height = 24
  readonly written: string[] = []
  width = 40
  #resized: () => void = () => {}

  write(text: string): void {
    this.written.push(text)
  }

  lines(lines: readonly string[]): void {
    this.write(`${lines.join('\n')}\n`)
  }

  onResize(listener: () => void): () => void {
    this.#resized = listener
    return () => (this.#resized = () => {})
  }

  resize(width: number): void {
    this.width = width
    this.#resized()
  }
}

const HIDE = '\u001B[?25l'
const SHOW = '\u001B[?25h'
/** Moves to the first of so many rows and clears from there. */
const up = (rows: number): string => `\u001B[${rows}A\r\u001B[0J`

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('draws ten times a second at most, and only what has changed', () => {
  const output = new Recorded()
  let frames = 0
  let drawn = ['a', 'b']
  const screen = new LiveScreen(output, () => ((frames += 1), drawn))
  vi.advanceTimersByTime(1000)
  expect(frames).toBe(10)
  expect(output.written).toEqual([HIDE, 'a\nb\n'])
  drawn = ['a', 'c', 'd']
  vi.advanceTimersByTime(100)
  expect(output.written.at(-1)).toBe(`${up(2)}a\nc\nd\n`)
  screen.close(['done'])
  expect(output.written.at(-1)).toBe(`${up(3)}done\n${SHOW}`)
  vi.advanceTimersByTime(1000)
  expect(output.written).toHaveLength(4)
})

test('what is printed stays above what changes', () => {
  const output = new Recorded()
  const screen = new LiveScreen(output, () => ['frame'])
  vi.advanceTimersByTime(100)
  screen.print(['a word'])
  expect(output.written.slice(1)).toEqual(['frame\n', `${up(1)}a word\n`, 'frame\n'])
  screen.close()
})

test('in a terminal that became narrower, the rows that its lines were wrapped to are cleared too', () => {
  const output = new Recorded()
  let drawn = ['x'.repeat(35), 'y']
  const screen = new LiveScreen(output, () => drawn)
  vi.advanceTimersByTime(100)
  drawn = ['x'.repeat(19), 'y']
  output.resize(20)
  expect(output.written.at(-1)).toBe(`${up(3)}${'x'.repeat(19)}\ny\n`)
  screen.close()
})

test('the cursor comes back when the process ends without a word', () => {
  const output = new Recorded()
  const before = process.listeners('exit')
  const screen = new LiveScreen(output, () => ['frame'])
  const restore = process.listeners('exit').find(listener => !before.includes(listener))
  restore!(0)
  expect(output.written.at(-1)).toBe(SHOW)
  screen.close()
  expect(process.listeners('exit')).toEqual(before)
})
