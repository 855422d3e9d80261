import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const rows = readFileSync('docs/vocabulary.md', 'utf8').split('\n').flatMap(line => {
  const found = /^\| ([^|]+) \| .* \| `(\w+)` in `([^`]+)` \|$/.exec(line)
  return found ? [{ word: found[1]!, name: found[2]!, file: found[3]! }] : []
})

test('the vocabulary has its words', () => {
  expect(rows.length).toBeGreaterThan(40)
  expect(rows.length).toBe(new Set(rows.map(({ word }) => word)).size)
})

test.each(rows.map(row => [row.word, row] as const))('%s is called so in the code', (_, { name, file }) => {
  expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`\\b(?:interface|type|class|const|function|readonly)\\s+${name}\\b`))
})
