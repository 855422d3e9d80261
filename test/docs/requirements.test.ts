import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const LIST = join(ROOT, '../shared/platform/requirements.tsv')
const page = readFileSync(join(ROOT, 'docs/requirements.md'), 'utf8')
const rows = page.split('\n').filter(line => /^\| [A-Z]/.test(line)).map(line => {
  const [, id, , state, where, shownBy, note] = line.split(/(?<!\\)\|/).map(cell => cell.trim()) as [string, string, string, string, string, string, string]
  return { id, state, note, files: [...where.matchAll(/`([^`]+)`/g)].map(([, file]) => file!), tests: [...shownBy.matchAll(/`([^`]+)`: ([^<]+)/g)].map(([, file, title]) => ({ file: file!, title: title!.trim() })) }
})

describe('docs/requirements.md', () => {
  it.skipIf(!existsSync(LIST))('lists each requirement once, in the order of the list', () => {
    expect(rows.map(({ id }) => id)).toEqual(readFileSync(LIST, 'utf8').trimEnd().split('\n').slice(1).map(line => line.split('\t')[0]))
  })

  it('gives each one of the three states', () => {
    expect(rows.filter(({ state }) => !['done', 'partly', 'open'].includes(state))).toEqual([])
  })

  it.each(rows.filter(({ state }) => state !== 'open').map(row => [row.id, row] as const))('%s names files and tests that exist', (_id, { state, note, files, tests }) => {
    for (const file of files) expect([file, existsSync(join(ROOT, file))]).toEqual([file, true])
    for (const { file, title } of tests) expect([file, title, readFileSync(join(ROOT, file), 'utf8').includes(title)]).toEqual([file, title, true])
    expect(files.length).toBeGreaterThan(0)
    if (state === 'done') expect(tests.length).toBeGreaterThan(0)
    else expect(note).not.toBe('')
  })
})
