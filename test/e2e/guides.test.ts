import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuseStaleBuild } from './cli-rig.ts'
import { blocksOf, lasting, printInto, Reader } from './docs-reader.ts'

/** What is shown and not run. */
const SHOWN = new Set(['yaml', 'sql', 'json', ''])
const commandsOf = (page: string) => blocksOf(readFileSync(page, 'utf8')).filter(({ kind, text }) => !SHOWN.has(kind) && (kind !== 'ts' || text.startsWith('// ')))
const pages = ['docs/guides', 'docs/runbooks'].flatMap(folder => readdirSync(folder).filter(name => name.endsWith('.md')).map(name => `${folder}/${name}`)).filter(page => commandsOf(page).length > 0)

describe.each(pages)('[DIF-7] %s', page => {
  const blocks = commandsOf(page)
  let reader: Reader
  let shown = ''
  beforeAll(() => {
    refuseStaleBuild()
    reader = new Reader()
  })
  afterAll(() => reader.remove())

  test.each(blocks.map(block => [`line ${block.line}, ${block.kind}`, block] as const))('%s', async (_, block) => {
    if (block.kind === 'text' && process.env['VARVE_WRITE_DOCS'] && lasting(shown) !== lasting(block.text)) printInto(page, block, shown)
    else if (block.kind === 'text') expect(lasting(shown)).toBe(lasting(block.text))
    else shown = await reader.does(block)
  })
})
