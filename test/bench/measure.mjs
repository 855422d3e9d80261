import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Does each of the works once a round, one right after the other and the order turned every time, so that whatever else the machine does
 * falls on all of them alike. Before each round it waits until the machine is quiet.
 * @returns per work what {@link run} said of it, a round each
 */
export async function interleaved(works, { rounds, warmups = 1 }) {
  const measured = Object.fromEntries(Object.keys(works).map(name => [name, []]))
  for (let round = -warmups; round < rounds; round += 1) {
    await quiet()
    const names = Object.keys(works)
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const told = await works[name]()
      if (round >= 0) measured[name].push(told)
    }
  }
  return measured
}

/** Waits until the processors were idle for most of half a second; after a minute (`VARVE_BENCH_PATIENCE_MS`) it goes on, and says so. */
export async function quiet(patienceMs = Number(process.env.VARVE_BENCH_PATIENCE_MS ?? 60_000)) {
  for (const until = performance.now() + patienceMs; performance.now() < until; ) {
    const before = processorTimes()
    await wait(500)
    const after = processorTimes()
    if ((after.idle - before.idle) / (after.all - before.all) > 0.9) return
  }
  process.stderr.write('(the machine did not become quiet)\n')
}

function processorTimes() {
  const [, ...times] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/).map(Number)
  return { idle: times[3] + times[4], all: times.reduce((sum, time) => sum + time, 0) }
}

/** Runs a Node program to its end. @returns what it printed, how long it took, its processor time and the most memory it had. @throws where it fails */
export function run(words, { cwd } = {}) {
  return new Promise((done, fail) => {
    const started = performance.now()
    const child = spawn(process.execPath, ['--require', join(import.meta.dirname, 'tell-usage.cjs'), ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
    const told = ['', '', '']
    for (const [i, stream] of child.stdio.slice(1).entries()) stream.on('data', part => (told[i] += part))
    child.on('error', fail)
    child.on('close', code => (code === 0 ? done({ out: told[0], wall: performance.now() - started, ...JSON.parse(told[2]) }) : fail(new Error(`${words.join(' ')} ended with ${code}:\n${told[0]}${told[1]}`))))
  })
}

export const median = values => {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
}

const amount = (value, digits = 0) => value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** `1,234 (1,200 to 1,300)`: the median, and from where to where. */
export const spread = (values, digits = 0) => `${amount(median(values), digits)} (${amount(Math.min(...values), digits)} to ${amount(Math.max(...values), digits)})`

/** The quotient of two works, round by round: what disturbed both is not in it. */
export const ratios = (ours, baseline, what) => ours.map((told, round) => told[what] / baseline[round][what])

/** A table of works against the first of them: milliseconds by the clock and of the processors, and the quotients. */
export function comparison(measured) {
  const [baseline] = Object.values(measured)
  const rows = Object.entries(measured).map(([name, told]) => [
    name, spread(told.map(({ wall }) => wall)), spread(told.map(({ cpu }) => cpu)),
    ...(told === baseline ? ['', ''] : [spread(ratios(told, baseline, 'wall'), 2), spread(ratios(told, baseline, 'cpu'), 2)]), amount(Math.max(...told.map(({ memory }) => memory)) / 1e6),
  ])
  const head = ['', 'clock, ms', 'processor, ms', 'clock, ratio', 'processor, ratio', 'memory, MB']
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => row[i].length)))
  return [head, ...rows].map(row => `  ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd())
}

export function machine() {
  return `${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, medians and from where to where`
}
