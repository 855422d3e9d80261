import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { plain } from '../../framework/cli/terminal/style.ts'
import { cut, pieces, textWidth, visible, wrapped } from '../../framework/cli/terminal/text-width.ts'
import { rowsLines } from '../../framework/cli/views/rows-view.ts'
import { tableLines } from '../../framework/cli/views/table-view.ts'
import { wide } from './told-progress.ts'

const columns = [{ title: 'asset' }, { title: 'rows', align: 'right' as const }, { title: 'why' }]

test('columns are as wide as their widest cell, numbers end at one edge, and no line ends in spaces', () => {
  expect(tableLines(columns, [['gold/a', '7', 'x'], ['silver/orders', '1,234', '']], wide)).toEqual([
    'asset           rows  why',
    'gold/a             7  x',
    'silver/orders  1,234',
  ])
})

test('where there is too little room the widest column gives way first', () => {
  const rows = [['silver/orders', '1,234', 'a reason that is told at great length']]
  expect(tableLines(columns, rows, { width: 40, style: plain })).toEqual(['asset           rows  why', 'silver/orders  1,234  a reason that is …'])
  expect(tableLines(columns, rows, { width: 30, style: plain })).toEqual(['asset        rows  why', 'silver/or…  1,234  a reason …'])
})

test('a last column may go on in the next line instead of being cut', () => {
  const rows = [['gold/a', '7', 'because b and c are written first'], ['gold/b', '8', 'no']]
  expect(tableLines([columns[0]!, columns[1]!, { title: 'why', wrap: true }], rows, { width: 34, style: plain })).toEqual([
    'asset   rows  why',
    'gold/a     7  because b and c are',
    '              written first',
    'gold/b     8  no',
  ])
})

test('a table never is wider than allowed while its columns can give way', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 30 }).map(visible)
  fc.assert(fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }), fc.integer({ min: 13, max: 90 }), (rows, width) => {
    expect(Math.max(...tableLines(columns, rows, { width, style: plain }).map(textWidth))).toBeLessThanOrEqual(width)
  }))
})

test('text from outside cannot move the cursor, end the line or hide itself', () => {
  expect(visible('a\nb\t\u001B[2Jc\u202Ed\u0000')).toBe(String.raw`a\nb\t\u001b[2Jc\u202ed\u0000`)
})

test('width counts cells, not characters, and neither colours nor links', () => {
  expect(['abc', '山田', 'é', '👩‍👩‍👧', '\u001B[31mred\u001B[39m', '\u001B]8;;file:///a%20b\u001B\\link\u001B]8;;\u001B\\'].map(textWidth)).toEqual([3, 4, 1, 2, 3, 4])
  expect([cut('山田太郎', 5), cut('abcdef', 4), cut('abc', 3), cut('abc', 1), cut('abc', 0)]).toEqual(['山田…', 'abc…', 'abc', '…', ''])
})

test('long text is broken between words, and its own lines are kept', () => {
  expect(wrapped('There is no asset gold/customers.\n  ^ here', 16, '  ')).toEqual(['  There is no', '  asset', '  gold/customers.', '    ^ here'])
})

test('a name that is longer than its line is broken behind a sign, and else where the line ends', () => {
  expect([pieces('landing/snowflake_customers.email', 30), pieces('abcdefgh', 3), pieces('山田太郎', 5), pieces('fits', 4)]).toEqual([['landing/snowflake_customers.', 'email'], ['abc', 'def', 'gh'], ['山田', '太郎'], ['fits']])
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }).map(visible), fc.integer({ min: 2, max: 20 }), (text, width) => {
    expect(pieces(text, width).join('')).toBe(text)
    expect(Math.max(...pieces(text, width).map(textWidth))).toBeLessThanOrEqual(width)
  }))
})

test('rows of a query stand in a table, NULL as null and nested values as JSON', () => {
  const answer = { columns: [{ name: 'id', type: 'BIGINT' }, { name: 'tags', type: 'VARCHAR[]' }], rows: [{ id: '9007199254740993', tags: ['a', 'b'] }, { id: 7, tags: null }] }
  expect(rowsLines(answer, wide)).toEqual(['              id  tags', '9007199254740993  ["a","b"]', '               7  null'])
})

test('rows that are too wide for a table are told value by value', () => {
  const columns = Array.from({ length: 5 }, (_, i) => ({ name: `column_${i}`, type: 'VARCHAR' }))
  const row = Object.fromEntries(columns.map(({ name }) => [name, `value of ${name}`]))
  expect(rowsLines({ columns, rows: [row] }, { width: 40, style: plain })).toEqual([
    'row 1', '  column_0  value of column_0', '  column_1  value of column_1', '  column_2  value of column_2', '  column_3  value of column_3', '  column_4  value of column_4',
  ])
})

test('a query without columns answers nothing', () => {
  expect(rowsLines({ columns: [], rows: [] }, wide)).toEqual([])
})
