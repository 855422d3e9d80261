import { interleaved, median, ratios, spread } from '../measure.mjs'

/** Does something, and tells what it took by the clock and of the processors. */
export async function timed(deed) {
  const [start, before] = [performance.now(), process.cpuUsage()]
  await deed()
  const { user, system } = process.cpuUsage(before)
  return { wall: performance.now() - start, cpu: (user + system) / 1000, memory: process.memoryUsage.rss() }
}

/**
 * Deeds of this process in turns, the first of which is what the others are held against.
 * @param works by name: what to do, what may be at most its quotient by the clock, and what to do afterwards, untimed
 */
export async function against(works, { rounds }) {
  const measured = await interleaved(Object.fromEntries(Object.entries(works).map(([name, { deed, after }]) => [name, async () => {
    const told = await timed(deed)
    await after?.()
    return told
  }])), { rounds })
  const [baseline, ...others] = Object.keys(works)
  return [
    `  ${baseline}: ${milliseconds(measured[baseline])}`,
    ...others.map(name => {
      const quotients = ratios(measured[name], measured[baseline], 'wall')
      const { aim } = works[name]
      return `  ${name}: ${milliseconds(measured[name])}, ${spread(quotients, 2)} by the clock and ${spread(ratios(measured[name], measured[baseline], 'cpu'), 2)} of the processors${met(median(quotients), aim)}`
    }),
  ]
}

/** Deeds that are held against nothing. @param works by name: what to do, and how many milliseconds it may take */
export async function alone(works, { rounds }) {
  const measured = await interleaved(Object.fromEntries(Object.entries(works).map(([name, { deed }]) => [name, () => timed(deed)])), { rounds })
  return Object.entries(works).map(([name, { aim }]) => `  ${name}: ${milliseconds(measured[name], 1)}${met(median(measured[name].map(({ wall }) => wall)), aim)}`)
}

const milliseconds = (told, digits = 0) => `${spread(told.map(({ wall }) => wall), digits)} ms`
const met = (value, aim) => (aim === undefined ? '' : `. Aim: ${aim}, ${value <= aim ? 'met' : 'missed'}`)
