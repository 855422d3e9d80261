import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boxOf, boxesOf, includes, intersect, isEmpty, keySlices, subtract, timeSlices, union, type SliceSet } from '../../framework/partitions/slice-set.ts'
import { intervalSet } from '../../framework/partitions/interval-set.ts'

type Point = string
const everyPoint = (set: SliceSet): Set<Point> => new Set(boxesOf(set).flatMap(box => box.reduce<Point[]>((prefixes, simple) => {
  const here = simple.kind === 'keys' ? simple.keys : simple.intervals.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => String(from + n)))
  return prefixes.flatMap(prefix => here.map(key => `${prefix}|${key}`))
}, [''])))

const time = fc.array(fc.record({ from: fc.nat(6), to: fc.nat(6) }), { maxLength: 2 }).map(ranges => timeSlices(intervalSet(ranges)))
const keys = fc.subarray(['a', 'b', 'c']).map(keySlices)
const unionsOf = (box: fc.Arbitrary<SliceSet>) => fc.array(box, { minLength: 1, maxLength: 3 }).map(boxes => boxes.reduce(union))
const two = unionsOf(fc.tuple(time, keys).map(boxOf))
const three = unionsOf(fc.tuple(keys, time, keys).map(boxOf))

describe('sets of slices', () => {
  it.each([['one dimension of time', time], ['one dimension of keys', keys], ['two dimensions', two], ['three dimensions', three]] as const)('do what sets of points do, in %s', (_, arbitrary) => {
    fc.assert(fc.property(arbitrary as fc.Arbitrary<SliceSet>, arbitrary as fc.Arbitrary<SliceSet>, (a, b) => {
      const [inA, inB] = [everyPoint(a), everyPoint(b)]
      expect(everyPoint(union(a, b))).toEqual(new Set([...inA, ...inB]))
      expect(everyPoint(intersect(a, b))).toEqual(new Set([...inA].filter(point => inB.has(point))))
      expect(everyPoint(subtract(a, b))).toEqual(new Set([...inA].filter(point => !inB.has(point))))
      expect(isEmpty(a)).toBe(inA.size === 0)
      expect(includes(a, b)).toBe([...inB].every(point => inA.has(point)))
    }), { numRuns: 400 })
  })

  it('are equal data where they hold the same slices, however they came about', () => {
    fc.assert(fc.property(two, two, two, (a, b, c) => {
      expect(union(a, union(b, c))).toEqual(union(union(c, b), a))
      expect(subtract(a, subtract(a, b))).toEqual(intersect(a, b))
      expect(union(subtract(a, b), intersect(a, b))).toEqual(union(a, a))
    }))
  })

  it('of other dimensions do not combine', () => {
    expect(() => union(timeSlices([]), keySlices(['a']))).toThrow('do not combine')
  })
})
