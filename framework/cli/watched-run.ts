import type { RunResult } from '../execution/run-result.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import { LiveScreen } from './terminal/live-screen.ts'
import type { Output } from './terminal/terminal.ts'
import { wrapped } from './terminal/text-width.ts'
import { everythingIsFresh } from './views/plan-view.ts'
import { eventLine, logLine } from './views/run-line-view.ts'
import { RunProgress } from './views/run-progress.ts'
import { runSummaryLines } from './views/run-summary-view.ts'
import { runTreeLines } from './views/run-tree-view.ts'

/** Someone who is told how a run goes. */
export interface Watcher {
  /** Whether it draws how far a step is. */
  readonly drawsProgress: boolean
  listen(event: RunEvent): void
  say(message: string): void
  /** @param resume the command that does what was left undone. */
  end(result: RunResult, resume: string): void
  /** The run broke down, or there was none: whatever was drawn is put away. */
  leave(): void
}

/** More steps than this are told by their layer once the run is over. */
const MOST_STEPS_TOLD = 60

/** A live tree on a terminal, plain lines in a pipe, and only failures where quiet was asked for. */
export function watcherOn(output: Output, quiet: boolean): Watcher {
  if (quiet) return new QuietWatcher(output)
  return output.isTerminal ? new LiveWatcher(output) : new LineWatcher(output)
}

class QuietWatcher implements Watcher {
  readonly drawsProgress = false
  readonly #output: Output

  constructor(output: Output) {
    this.#output = output
  }

  listen(): void {}
  say(): void {}
  leave(): void {}

  end(result: RunResult, resume: string): void {
    if (!result.ok) this.#output.lines(runSummaryLines(result, resume, this.#output))
  }
}

class LineWatcher implements Watcher {
  readonly drawsProgress = false
  readonly #output: Output
  #fresh = 0

  constructor(output: Output) {
    this.#output = output
  }

  listen(event: RunEvent): void {
    if (event.type === 'run-started') this.#fresh = event.fresh
    const line = eventLine(event, this.#output.style)
    if (line !== undefined) this.#output.lines([line])
  }

  say(message: string): void {
    this.#output.lines([message])
  }

  end(result: RunResult, resume: string): void {
    this.#output.lines(endLines(result, resume, this.#fresh, this.#output))
  }

  leave(): void {}
}

class LiveWatcher implements Watcher {
  readonly drawsProgress = true
  readonly #output: Output
  readonly #progress = new RunProgress()
  readonly #since = performance.now()
  #fresh = 0
  #screen: LiveScreen | undefined

  constructor(output: Output) {
    this.#output = output
    this.#screen = new LiveScreen(output, () => this.#frame())
  }

  listen(event: RunEvent): void {
    this.#progress.take(event, performance.now())
    if (event.type === 'run-started') this.#fresh = event.fresh
    if (event.type === 'log') this.say(logLine(event, this.#output.style))
  }

  say(message: string): void {
    const lines = wrapped(message, this.#output.width)
    if (this.#screen) this.#screen.print(lines)
    else this.#output.lines(lines)
  }

  end(result: RunResult, resume: string): void {
    const steps = this.#progress.steps.length
    const tree = steps === 0 ? [] : this.#tree(steps > MOST_STEPS_TOLD ? MOST_STEPS_TOLD : Infinity).slice(0, -1)
    const last = [...tree, ...endLines(result, resume, this.#fresh, this.#output)]
    if (this.#screen) this.#screen.close(last)
    else this.#output.lines(last)
    this.#screen = undefined
  }

  leave(): void {
    this.#screen?.close()
    this.#screen = undefined
  }

  #frame(): string[] {
    const { height, style } = this.#output
    if (this.#progress.steps.length > 0) return this.#tree(height - 1)
    const { spinner } = style.symbols
    return [style.dim(`${spinner[Math.floor(performance.now() / 100) % spinner.length]} looking at what has changed`)]
  }

  #tree(height: number): string[] {
    const { width, style } = this.#output
    return runTreeLines(this.#progress.steps, { width: width - 1, height, style, now: performance.now(), since: this.#since })
  }
}

const endLines = (result: RunResult, resume: string, fresh: number, output: Output): string[] =>
  result.ok && result.steps.length === 0 ? [`${output.style.green(output.style.symbols.good)} ${everythingIsFresh(fresh)}`] : runSummaryLines(result, resume, output)
