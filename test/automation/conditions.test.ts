import { describe, expect, test } from 'vitest'
import { allDepsMatch, and, anyDepsMatch, codeChanged, cronTickPassed, eager, executionFailed, inProgress, missing, newlyRequested, newlyTrue, newlyUpdated, not, onCron, onMissing, or, since, upstreamUpdated } from '../../framework/definition/automation-conditions.ts'
import { daily, hourly } from '../../framework/partitions/time-partitions.ts'
import { ConditionRig, type Declared } from './condition-rig.ts'

type Line = readonly [what: (rig: ConditionRig) => void, asked: readonly string[]]

/** Each line: what happens, and what is asked for at the tick after it. A minute lies between two ticks; the last thing known is always read back from storage. */
function story(assets: Readonly<Record<string, Declared>>, lines: readonly Line[], start = '2026-03-01T00:00:00Z'): void {
  const rig = new ConditionRig(assets, start)
  const told = lines.map(([what]) => {
    rig.now += 60_000
    what(rig)
    return rig.tick()
  })
  expect(told).toEqual(lines.map(([, asked]) => asked))
}

const nothing = () => {}
const CHAIN = { 'bronze/a': {}, 'silver/b': { reads: ['bronze/a'], when: eager() }, 'gold/c': { reads: ['silver/b'], when: eager() } }
const made: Line = [rig => rig.ran('bronze/a', 'silver/b', 'gold/c'), []]

describe('eager', () => {
  test('asks for what is missing once everything above it is there, the whole chain at once', () => {
    story(CHAIN, [
      [nothing, []],
      [rig => rig.ran('bronze/a'), ['silver/b', 'gold/c']],
      [rig => rig.begins('silver/b', 'gold/c'), []],
      [rig => rig.ran('silver/b', 'gold/c'), []],
      [nothing, []],
    ])
  })

  test('asks again when something above changed, and not when it came out as it was', () => {
    story(CHAIN, [
      made,
      [rig => rig.ran('bronze/a'), ['silver/b', 'gold/c']],
      [rig => rig.ran('silver/b', 'gold/c'), []],
      [rig => rig.ran('=bronze/a'), []],
      [nothing, []],
    ])
  })

  test('does not ask for what the same run made anyway', () => {
    story(CHAIN, [made, [rig => rig.ran('bronze/a', 'silver/b', 'gold/c'), []], [nothing, []]])
  })

  test('does not ask again for what failed, until something above it changes', () => {
    story(CHAIN, [
      made,
      [rig => rig.ran('bronze/a'), ['silver/b', 'gold/c']],
      [rig => rig.ran('!silver/b', '?gold/c'), []],
      [nothing, []],
      [rig => rig.ran('=bronze/a'), []],
      [rig => rig.ran('bronze/a'), ['silver/b', 'gold/c']],
      [rig => rig.ran('silver/b', '!gold/c'), []],
      [nothing, []],
      [rig => rig.ran('bronze/a', 'silver/b'), ['gold/c']],
    ])
  })

  test('does not ask again for what failed in a run that changed what it reads', () => {
    story(CHAIN, [made, [rig => rig.ran('bronze/a', '!silver/b', '?gold/c'), []], [nothing, []], [rig => rig.ran('bronze/a'), ['silver/b', 'gold/c']]])
  })

  test('waits while it is being made, and asks again for what changed meanwhile', () => {
    story(CHAIN, [
      made,
      [rig => rig.ran('bronze/a'), ['silver/b', 'gold/c']],
      [rig => rig.begins('silver/b', 'gold/c'), []],
      [rig => rig.ran('bronze/a'), []],
      [nothing, []],
      // The run had read bronze/a before it changed.
      [rig => { rig.ran('silver/b', 'gold/c'); rig.ran('bronze/a') }, ['silver/b', 'gold/c']],
    ])
  })

  test('does not lose a change that comes right after it asked', () => {
    story(CHAIN, [made, [rig => rig.ran('bronze/a'), ['silver/b', 'gold/c']], [rig => { rig.ran('silver/b', 'gold/c'); rig.ran('bronze/a') }, ['silver/b', 'gold/c']], [rig => rig.ran('silver/b', 'gold/c'), []]])
  })

  test('rests where a person made it before it asked', () => {
    story(CHAIN, [made, [rig => { rig.ran('bronze/a'); rig.ran('silver/b', 'gold/c') }, []], [nothing, []]])
  })

  test('waits for an upstream that is missing or in the making', () => {
    story({ 'bronze/a': {}, 'bronze/z': {}, 'gold/c': { reads: ['bronze/a', 'bronze/z'], when: eager() } }, [
      [rig => rig.ran('bronze/a'), []],
      [rig => rig.begins('bronze/z'), []],
      [rig => rig.ran('bronze/z'), ['gold/c']],
      [rig => { rig.ran('gold/c'); rig.begins('bronze/z') }, []],
      [rig => rig.ran('bronze/a'), []],
      [rig => rig.ran('bronze/z'), ['gold/c']],
    ])
  })

  test('of a new asset makes its newest slice and not its past', () => {
    const days = daily({ column: 'day', start: '2020-01-01' })
    const rig = new ConditionRig({ 'silver/days': { partitions: days, when: eager() } }, '2026-03-10T12:00:00Z')
    expect(rig.tick()).toEqual(['silver/days@2026-03-09'])
    rig.ran('silver/days@2026-03-09')
    expect(rig.tick('2026-03-10T23:59:59Z')).toEqual([])
    expect(rig.tick('2026-03-11T00:00:00Z')).toEqual(['silver/days@2026-03-10'])
    expect(rig.tick('2026-03-11T00:01:00Z')).toEqual([])
    // Three days in which nobody looked.
    expect(rig.tick('2026-03-14T08:00:00Z')).toEqual(['silver/days@2026-03-13'])
  })

  test('asks for the slice that a change is read by, if it is the newest', () => {
    const hours = hourly({ column: 'hour', start: '2026-03-01T00:00' })
    const days = daily({ column: 'day', start: '2026-03-01' })
    const rig = new ConditionRig({ 'bronze/hours': { partitions: hours }, 'silver/hours': { reads: ['bronze/hours'], partitions: hours, when: eager() }, 'gold/days': { reads: ['bronze/hours'], partitions: days, when: eager() } }, '2026-03-02T00:00:00Z')
    rig.ran('bronze/hours', 'silver/hours', 'gold/days')
    expect(rig.tick('2026-03-02T00:10:00Z')).toEqual([])
    rig.ran('bronze/hours@2026-03-01T07')
    expect(rig.tick('2026-03-02T00:11:00Z')).toEqual(['gold/days@2026-03-01'])
    rig.ran('gold/days@2026-03-01')
    rig.ran('bronze/hours@2026-03-01T23')
    expect(rig.tick('2026-03-02T00:12:00Z')).toEqual(['silver/hours@2026-03-01T23', 'gold/days@2026-03-01'].sort())
  })
})

describe('onCron', () => {
  test('asks once for each time, all of a chain that goes by the same', () => {
    const rig = new ConditionRig({ 'bronze/a': { when: onCron('0 6 * * *') }, 'silver/b': { reads: ['bronze/a'], when: onCron('0 6 * * *') } }, '2026-03-01T05:00:00Z')
    expect(rig.tick()).toEqual([])
    expect(rig.tick('2026-03-01T05:59:59Z')).toEqual([])
    expect(rig.tick('2026-03-01T06:00:00Z')).toEqual(['bronze/a', 'silver/b'])
    expect(rig.tick('2026-03-01T06:00:30Z')).toEqual([])
    rig.ran('bronze/a', 'silver/b')
    expect(rig.tick('2026-03-01T06:01:00Z')).toEqual([])
    expect(rig.tick('2026-03-02T05:59:59Z')).toEqual([])
    expect(rig.tick('2026-03-02T06:00:10Z')).toEqual(['bronze/a', 'silver/b'])
  })

  test('waits until everything that it reads was made since that time', () => {
    const rig = new ConditionRig({ 'bronze/a': {}, 'bronze/z': {}, 'gold/c': { reads: ['bronze/a', 'bronze/z'], when: onCron('0 6 * * *') } }, '2026-03-01T05:00:00Z')
    rig.ran('bronze/a', 'bronze/z')
    expect(rig.tick()).toEqual([])
    expect(rig.tick('2026-03-01T06:00:00Z')).toEqual([])
    rig.now = Date.parse('2026-03-01T06:10:00Z')
    rig.ran('bronze/a')
    expect(rig.tick('2026-03-01T06:10:10Z')).toEqual([])
    rig.now = Date.parse('2026-03-01T07:00:00Z')
    rig.ran('=bronze/z')
    expect(rig.tick('2026-03-01T07:00:10Z')).toEqual(['gold/c'])
    expect(rig.tick('2026-03-01T07:00:20Z')).toEqual([])
  })

  test('keeps to the clocks of its place through their changes', () => {
    const rig = new ConditionRig({ 'bronze/a': { when: onCron('30 2 * * *', 'Europe/Berlin') } }, '2026-10-23T12:00:00Z')
    const asked: string[] = []
    for (let at = Date.parse('2026-10-23T12:00:00Z'); at < Date.parse('2026-10-27T12:00:00Z'); at += 600_000) if (rig.tick(new Date(at).toISOString()).length > 0) asked.push(new Date(at).toISOString())
    expect(asked).toEqual(['2026-10-24T00:30:00.000Z', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z', '2026-10-27T01:30:00.000Z'])
  })

  test('asks once for what it missed while nobody looked', () => {
    const rig = new ConditionRig({ 'bronze/a': { when: onCron('0 * * * *') } }, '2026-03-01T05:30:00Z')
    expect(rig.tick()).toEqual([])
    expect(rig.tick('2026-03-03T17:12:00Z')).toEqual(['bronze/a'])
    expect(rig.tick('2026-03-03T17:13:00Z')).toEqual([])
  })
})

describe('onMissing', () => {
  test('asks once for what is missing when what it reads is there, and never for a change', () => {
    story({ 'bronze/a': {}, 'silver/b': { reads: ['bronze/a'], when: onMissing() } }, [
      [nothing, []],
      [rig => rig.ran('bronze/a'), ['silver/b']],
      [nothing, []],
      [rig => rig.ran('!silver/b'), []],
      [rig => rig.ran('bronze/a'), []],
      [rig => rig.ran('silver/b'), []],
      [rig => rig.ran('bronze/a'), []],
    ])
  })
})

describe('the algebra', () => {
  const one = (when: Declared['when'], lines: readonly Line[]) => story({ 'bronze/a': {}, 'bronze/z': {}, 'gold/c': { reads: ['bronze/a', 'bronze/z'], when: when! } }, lines)

  test('since holds from the trigger to the reset', () => {
    one(since(anyDepsMatch(newlyUpdated()), newlyUpdated()), [
      [nothing, []],
      [rig => rig.ran('bronze/a'), ['gold/c']],
      [nothing, ['gold/c']],
      [nothing, ['gold/c']],
      [rig => rig.ran('gold/c'), []],
      [nothing, []],
    ])
  })

  test('in since the reset wins a tie', () => {
    one(since(anyDepsMatch(newlyUpdated()), newlyUpdated()), [[rig => rig.ran('bronze/a', 'gold/c'), []], [nothing, []]])
  })

  test('newlyTrue is true once', () => {
    one(newlyTrue(not(missing())), [[nothing, []], [rig => rig.ran('gold/c'), ['gold/c']], [rig => rig.ran('gold/c'), []]])
  })

  test('any and all tell one upstream from each', () => {
    const steps = (asked: readonly (readonly string[])[]): Line[] => [[nothing, asked[0]!], [rig => rig.ran('bronze/a'), asked[1]!], [rig => rig.ran('bronze/z'), asked[2]!]]
    one(anyDepsMatch(missing()), steps([['gold/c'], ['gold/c'], []]))
    one(allDepsMatch(not(missing())), steps([[], [], ['gold/c']]))
    one(not(allDepsMatch(missing())), steps([[], ['gold/c'], ['gold/c']]))
  })

  test('and, or and not are what they are', () => {
    one(and(missing(), not(missing())), [[nothing, []]])
    one(or(missing(), not(missing())), [[nothing, ['gold/c']]])
    one(and(), [[nothing, ['gold/c']]])
    one(or(), [[nothing, []]])
  })

  test('an attempt that failed can be asked for again by those who want it', () => {
    one(since(newlyTrue(executionFailed()), newlyRequested()), [[rig => rig.ran('!gold/c'), ['gold/c']], [nothing, []], [rig => rig.ran('!gold/c'), []], [rig => rig.ran('gold/c'), []], [rig => rig.ran('!gold/c'), ['gold/c']]])
  })

  test('what is being made, and changed code, can be told', () => {
    one(inProgress(), [[nothing, []], [rig => rig.begins('gold/c'), ['gold/c']], [rig => rig.ran('gold/c'), []]])
    one(codeChanged(), [[nothing, []], [rig => rig.changeCode('gold/c'), ['gold/c']], [nothing, []]])
    one(upstreamUpdated(), [[rig => rig.ran('bronze/z'), ['gold/c']], [rig => rig.ran('bronze/z', 'gold/c'), []]])
  })

  test('a cron\'s time is passed once, and not before the first look', () => {
    const rig = new ConditionRig({ 'bronze/a': { when: cronTickPassed('0 6 * * *') } }, '2026-03-01T06:00:00Z')
    expect([rig.tick(), rig.tick('2026-03-02T06:00:00Z'), rig.tick('2026-03-02T06:00:00Z'), rig.tick('2026-03-02T06:00:01Z')]).toEqual([[], ['bronze/a'], [], []])
  })

  test('what was remembered for one condition means nothing to another', () => {
    const first = new ConditionRig({ 'bronze/a': { when: since(missing(), newlyUpdated()) } }, '2026-03-01T06:00:00Z')
    expect(first.tick()).toEqual(['bronze/a'])
    first.forget()
    first.ran('bronze/a')
    expect(first.tick()).toEqual([])
  })

  test('leaves a trace of how it came to its answer', () => {
    const days = daily({ column: 'day', start: '2026-03-01' })
    const rig = new ConditionRig({ 'bronze/days': { partitions: days }, 'gold/days': { reads: ['bronze/days'], partitions: days, when: and(missing(), not(anyDepsMatch(missing()))) } }, '2026-03-04T00:00:00Z')
    rig.ran('bronze/days@2026-03-01..2026-03-03')
    expect(rig.tick()).toEqual(['gold/days@2026-03-01..2026-03-03'])
    expect(rig.traces.get('gold/days')).toEqual({
      label: 'and', holds: true, slices: '2026-03-01..2026-03-03',
      of: [
        { label: 'missing', holds: true, slices: '2026-03-01..2026-03-04', of: [] },
        { label: 'not', holds: true, slices: '2026-03-01..2026-03-03', of: [{ label: 'anyDepsMatch', holds: true, slices: '2026-03-03', of: [{ label: 'bronze/days: missing', holds: true, slices: '2026-03-03', of: [] }] }] },
      ],
    })
  })
})
