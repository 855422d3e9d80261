import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { selectionOfArguments } from '../../framework/graph/selection-arguments.ts'
import { SelectionSyntaxError } from '../../framework/graph/selection-errors.ts'
import { parseSelection } from '../../framework/graph/selection-parser.ts'
import { FRESHNESS_STATES, SELECTION_ATTRIBUTES, printSelection, type Selection } from '../../framework/graph/selection-syntax.ts'

const mistake = (text: string): { message: string; hint: string } => {
  try {
    parseSelection(text)
  } catch (error) {
    if (error instanceof SelectionSyntaxError) return { message: error.message, hint: error.hint }
    throw error
  }
  throw new Error(`${text} was read without a mistake`)
}

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/)
const key = fc.tuple(name, name).map(parts => parts.join('/'))
const glob = fc.stringMatching(/^[a-z*?][a-z0-9_*?]{0,4}(\/[a-z0-9_*?]{1,5}){1,2}$/)
const steps = fc.oneof(fc.constant(0), fc.constant('all' as const), fc.integer({ min: 1, max: 99 }))
const { selection } = fc.letrec<{ selection: Selection }>(tie => ({
  selection: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ type: fc.constant('key' as const), pattern: fc.oneof(key, glob, fc.constant('*')) }),
    fc.record({ type: fc.constant('attribute' as const), attribute: fc.constantFrom(...SELECTION_ATTRIBUTES), pattern: fc.oneof(name, fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' })) }),
    fc.record({ type: fc.constantFrom('stale' as const, 'changed' as const) }),
    fc.record({ type: fc.constant('fresh' as const), state: fc.constantFrom(...FRESHNESS_STATES) }),
    fc.constant({ type: 'check' as const, state: 'failed' as const }),
    fc.record({ type: fc.constant('column' as const), asset: key, column: fc.oneof(name, fc.string({ minLength: 1, maxLength: 8 })) }),
    fc.record({ type: fc.constant('reach' as const), up: steps, down: steps, of: tie('selection') }).filter(({ up, down }) => up !== 0 || down !== 0),
    fc.record({ type: fc.constantFrom('around' as const, 'sinks' as const, 'roots' as const, 'not' as const), of: tie('selection') }),
    fc.record({ type: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('selection'), { minLength: 2, maxLength: 3 }) }),
  ),
}))

describe('the selection language', () => {
  it('reads what it prints', () => {
    fc.assert(fc.property(selection, ast => {
      expect(parseSelection(printSelection(ast))).toEqual(ast)
    }), { numRuns: 1_000 })
  })

  it('prints a text that was read the same way each time, however it was spaced', () => {
    const spaced = selection.chain(ast => fc.array(fc.constantFrom(' ', '  ', '\n', '\t'), { minLength: 1, maxLength: 5 }).map(spaces => {
      let i = 0
      return printSelection(ast).replaceAll(/ (?=(?:[^"]|"(?:[^"\\]|\\.)*")*$)/g, () => spaces[(i += 1) % spaces.length]!)
    }))
    fc.assert(fc.property(spaced, text => {
      const printed = printSelection(parseSelection(text))
      expect(printSelection(parseSelection(printed))).toBe(printed)
    }))
  })

  it('ends every text as a selection or as an explained mistake that points into the text', () => {
    const piece = fc.constantFrom('gold/a', '*', '+', '2', '@', '(', ')', ' ', 'and', 'or ', 'not ', 'tag:', 'column:', '"', '\\', 'sinks', 'stale', '.', 'fresh:fail', '\n', 'é')
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }).map(pieces => pieces.join('')), text => {
      try {
        parseSelection(text)
      } catch (error) {
        expect(error).toBeInstanceOf(SelectionSyntaxError)
        expect((error as SelectionSyntaxError).at).toBeLessThanOrEqual(text.length)
        expect((error as SelectionSyntaxError).hint).not.toBe('')
      }
    }), { numRuns: 2_000 })
  })

  it.each<[string, Selection]>([
    ['gold/customer_360', { type: 'key', pattern: 'gold/customer_360' }],
    ['layer/*', { type: 'key', pattern: 'layer/*' }],
    ['+gold/a', { type: 'reach', up: 'all', down: 0, of: { type: 'key', pattern: 'gold/a' } }],
    ['2+gold/a+1', { type: 'reach', up: 2, down: 1, of: { type: 'key', pattern: 'gold/a' } }],
    ['@gold/a', { type: 'around', of: { type: 'key', pattern: 'gold/a' } }],
    ['owner:team:crm+', { type: 'reach', up: 0, down: 'all', of: { type: 'attribute', attribute: 'owner', pattern: 'team:crm' } }],
    ['tag:"two words"', { type: 'attribute', attribute: 'tag', pattern: 'two words' }],
    ['column:gold/customer_360.lifetime_value_usd', { type: 'column', asset: 'gold/customer_360', column: 'lifetime_value_usd' }],
    ['sinks (a/b)', { type: 'sinks', of: { type: 'key', pattern: 'a/b' } }],
    ['a/b OR NOT(c/d AND e/f)', { type: 'or', of: [{ type: 'key', pattern: 'a/b' }, { type: 'not', of: { type: 'and', of: [{ type: 'key', pattern: 'c/d' }, { type: 'key', pattern: 'e/f' }] } }] }],
  ])('reads %s', (text, expected) => expect(parseSelection(text)).toEqual(expected))

  it('binds not before and before or', () => {
    expect(parseSelection('a/b or not c/d and e/f')).toEqual(parseSelection('a/b or ((not c/d) and e/f)'))
  })

  it('shows where it stopped reading', () => {
    expect(mistake('gold/* and').message).toBe('Expected an asset key, a glob, a word such as tag:x, or "(", but the selection ends.\n  gold/* and\n            ^')
    expect(mistake('(a/b').message).toBe('This "(" is not closed.\n  (a/b\n  ^')
    expect(mistake('a/b\nor c/d e/f').message).toBe('Expected "and", "or" or the end of the selection.\n  or c/d e/f\n         ^')
    expect(mistake('a/b)').message).toBe('This ")" closes nothing.\n  a/b)\n     ^')
    expect(mistake('tag:"a').message).toBe('This quote is not closed.\n  tag:"a\n      ^')
    expect(mistake('a/b+0').message).toBe('Expected a number of steps from 1.\n  a/b+0\n      ^')
    expect(mistake('').message).toContain('but the selection ends')
    expect(mistake('('.repeat(100_000)).message).toContain('More than 200 levels')
  })

  it('says how to write what was meant', () => {
    expect(mistake('gold.customer_360')).toEqual({ message: '"gold.customer_360" is not an asset key.\n  gold.customer_360\n  ^', hint: 'Write gold/customer_360.' })
    expect(mistake('assets/gold/customer_360.ts').hint).toBe('Write gold/customer_360.')
    expect(mistake('Gold/Customer-360').hint).toBe('Write gold/customer_360.')
    expect(mistake('a/b,c/d').hint).toBe('Join them with "or", or "and": a/b or c/d.')
    expect(mistake('tags:x').hint).toBe('Did you mean tag?')
    expect(mistake('fresh:failed').hint).toBe('Did you mean fail?')
    expect(mistake('check:passed').hint).toBe('Write failed.')
    expect(mistake('column:customer_360.id').hint).toContain('column:gold/customer_360.lifetime_value_usd')
    expect(mistake('@a/b+').hint).toBe('Leave out the "@" or the "+".')
  })
})

describe('the arguments of a command', () => {
  it('are or-ed, without what is excluded', () => {
    expect(printSelection(selectionOfArguments([]))).toBe('*')
    expect(printSelection(selectionOfArguments(['+a/b']))).toBe('+a/b')
    expect(printSelection(selectionOfArguments(['a/b and tag:x', 'c/d']))).toBe('a/b and tag:x or c/d')
    expect(printSelection(selectionOfArguments(['a/b', 'c/d'], ['tag:slow', 'e/*']))).toBe('(a/b or c/d) and not (tag:slow or e/*)')
    expect(printSelection(selectionOfArguments([], ['tag:slow']))).toBe('* and not tag:slow')
  })

  it('are one text where an operator stands alone', () => {
    expect(selectionOfArguments(['tag:x', 'and', 'not', 'layer:gold'])).toEqual(parseSelection('tag:x and not layer:gold'))
  })
})
