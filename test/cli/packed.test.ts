import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

describe('what the command line is packed into', () => {
  const folder = join(import.meta.dirname, '../../dist/run')
  const texts = readdirSync(folder).filter(name => name.endsWith('.js')).map(name => readFileSync(join(folder, name), 'utf8'))
  const asked = (word: string) => texts.filter(text => new RegExp(`(?:from|import|import\\(|require\\()\\s*["']${word}["']`).test(text)).length

  test("DuckDB's JavaScript is in it, and its native half is not", () => {
    expect(asked('@duckdb/node-api')).toBe(0)
    expect(asked('@duckdb/node-bindings')).toBeGreaterThan(0)
  })

  test('whose text it holds is said beside it', () => {
    expect(readFileSync(join(folder, 'LICENSE.duckdb-node-api'), 'utf8')).toContain('Copyright')
  })
})
