import { spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuseStaleBuild } from './cli-rig.ts'

interface Block {
  readonly line: number
  /** As in `sh`, `sh fails`, `ts`, `text`. */
  readonly kind: string
  readonly text: string
}

/** The fenced blocks of a page. */
function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(({ 1: kind, 2: text, index }) => ({ line: page.slice(0, index).split('\n').length, kind: kind!, text: text! }))
}

/** A copy of the repository as a clone has it, where `npx varve` is what was built, and `npm ci` has been done. */
class Reader {
  readonly root = mkdtempSync(join(tmpdir(), 'varve-docs-'))
  readonly #shims = join(this.root, '.shims')

  constructor() {
    for (const name of ['assets', 'resources', 'config', 'framework', 'package.json', 'tsconfig.json']) cpSync(name, join(this.root, name), { recursive: true })
    for (const name of ['node_modules', 'dist']) symlinkSync(resolve(name), join(this.root, name))
    mkdirSync(this.#shims)
    this.#shim('npx', `[ "$1" = varve ] || exit 127\nshift\nexec "${process.execPath}" "${resolve('dist/cli/varve.cjs')}" "$@"`)
    this.#shim('npm', '[ "$*" = ci ]')
  }

  /** Does what the page says: runs a block, or saves the file that its first line names. @returns what was printed */
  async does({ kind, text }: Block): Promise<string> {
    if (kind === 'ts') {
      const [, path] = /^\/\/ (\S+)\n/.exec(text)!
      mkdirSync(dirname(join(this.root, path!)), { recursive: true })
      writeFileSync(join(this.root, path!), text)
      return ''
    }
    const { VARVE_LAKE: _, VARVE_SOURCES: __, VARVE_PROFILE: ___, FORCE_COLOR: ____, ...inherited } = process.env
    const child = spawn('sh', ['-e', '-c', text], { cwd: this.root, env: { ...inherited, NO_COLOR: '1', PATH: `${this.#shims}${delimiter}${process.env['PATH']}` }, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', part => (out += String(part)))
    child.stderr.on('data', part => (err += String(part)))
    const code = await new Promise(done => child.once('close', done))
    expect([text, code, code === 0 || kind === 'sh fails' ? '' : out + err]).toEqual([text, kind === 'sh fails' ? 1 : 0, ''])
    return out
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #shim(name: string, script: string): void {
    writeFileSync(join(this.#shims, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(this.#shims, name), 0o755)
  }
}

/** Without what differs from run to run. */
const lasting = (text: string): string => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'RUN').replaceAll(/in [\d.]+ m?s\b/g, 'in TIME').trimEnd()

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
    if (block.kind === 'text') expect(lasting(shown)).toBe(lasting(block.text))
    else shown = await reader.does(block)
  })
})

describe('the pages', () => {
  const pages = ['README.md', 'CHANGELOG.md', ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]

  test.each(pages)('%s links to what exists, and names files that are there', page => {
    const text = readFileSync(page, 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, path]) => join(dirname(page), path!))
    const files = page === 'docs/requirements.md' ? [] : [...text.matchAll(/`((?:framework|assets|resources|config|test|docs)\/[\w./-]*\w)`/g)].map(([, path]) => path!)
    const example = /^assets\/gold\/best_customers/
    expect([...links, ...files].filter(path => !example.test(path) && !existsSync(path))).toEqual([])
  })
})
