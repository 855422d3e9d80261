import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuseStaleBuild } from './cli-rig.ts'
import { blocksOf, lasting, printInto, Reader } from './docs-reader.ts'

describe('docs/start-here.md', () => {
  const blocks = blocksOf(readFileSync('docs/start-here.md', 'utf8'))
  let reader: Reader
  let shown = ''
  beforeAll(() => {
    refuseStaleBuild()
    reader = new Reader()
  })
  afterAll(() => reader.remove())

  test.each(blocks.map(block => [`line ${block.line}, ${block.kind}`, block] as const))('%s', async (_, block) => {
    if (block.kind === 'text' && process.env['VARVE_WRITE_DOCS'] && lasting(shown) !== lasting(block.text)) printInto('docs/start-here.md', block, shown)
    else if (block.kind === 'text') expect(lasting(shown)).toBe(lasting(block.text))
    else shown = await reader.does(block)
  })
})

describe('the pages', () => {
  const pages = ['README.md', 'CHANGELOG.md', ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]

  test.each(pages)('%s links to what exists, and names files that are there', page => {
    const text = readFileSync(page, 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, path]) => join(dirname(page), path!))
    const files = page === 'docs/requirements.md' ? [] : [...text.matchAll(/`((?:framework|assets|resources|config|test|docs)\/[\w./-]*\w)`/g)].map(([, path]) => path!)
    const example = /^(assets\/gold\/best_customers|config\/schema_definitions\/(shop|erp)_)/
    expect([...links, ...files].filter(path => !example.test(path) && !existsSync(path))).toEqual([])
  })
})
