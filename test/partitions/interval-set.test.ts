import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { covers, differenceOf, intersectionOf, intervalSet, unionOf, type IntervalSet } from '../../framework/partitions/interval-set.ts'

const points = Array.from({ length: 30 }, (_, n) => n)
const inside = (set: IntervalSet) => new Set(points.filter(point => set.some(({ from, to }) => from <= point && point < to)))
const ranges = fc.array(fc.record({ from: fc.nat(30), to: fc.nat(30) }), { maxLength: 6 })

/** The one way to write these points as ranges. */
const asRanges = (members: ReadonlySet<number>): IntervalSet => points.filter(point => members.has(point) && !members.has(point - 1)).map(from => ({ from, to: points.find(point => point > from && !members.has(point)) ?? 30 }))

describe('interval sets', () => {
  it('do what sets of points do', () => {
    fc.assert(fc.property(ranges, ranges, (left, right) => {
      const [a, b] = [intervalSet(left), intervalSet(right)]
      const [inA, inB] = [inside(a), inside(b)]
      expect(a).toEqual(asRanges(new Set(points.filter(point => left.some(({ from, to }) => from <= point && point < to)))))
      expect(unionOf(a, b)).toEqual(asRanges(new Set([...inA, ...inB])))
      expect(intersectionOf(a, b)).toEqual(asRanges(new Set([...inA].filter(point => inB.has(point)))))
      expect(differenceOf(a, b)).toEqual(asRanges(new Set([...inA].filter(point => !inB.has(point)))))
      expect(points.filter(point => covers(a, point))).toEqual([...inA])
    }), { numRuns: 1_000 })
  })

  it('join ranges that touch', () => {
    expect(intervalSet([{ from: 5, to: 9 }, { from: 1, to: 5 }, { from: 7, to: 7 }, { from: 20, to: 10 }])).toEqual([{ from: 1, to: 9 }])
  })
})
