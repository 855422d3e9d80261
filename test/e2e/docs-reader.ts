import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { expect } from 'vitest'

export interface Block {
  readonly line: number
  /** Which of the page's blocks it is, from 0. */
  readonly n: number
  /** As in `sh`, `sh fails`, `sh refused`, `ts`, `csv file`, `text`. */
  readonly kind: string
  readonly text: string
}

const FENCED = /^```([^\n]*)\n(.*?)^```$/gms

/** The fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(FENCED)].map(({ 1: kind, 2: text, index }, n) => ({ n, line: page.slice(0, index).split('\n').length, kind: kind!, text: text! }))
}

/** What a block's last command ends with, where it is not 0. */
const ENDS: Readonly<Record<string, number>> = { 'sh fails': 1, 'sh refused': 2 }

/** Blocks that are files, which their first lines name. */
const FILES: ReadonlySet<string> = new Set(['ts', 'yaml file', 'csv file', 'json file'])

/** A copy of the repository as a clone has it, where `npx varve` is what was built, and `npm ci` has been done. */
export class Reader {
  readonly root = mkdtempSync(join(tmpdir(), 'varve-docs-'))
  readonly #shims = join(this.root, '.shims')

  constructor() {
    for (const name of ['assets', 'resources', 'config', 'framework', 'package.json', 'tsconfig.json']) cpSync(name, join(this.root, name), { recursive: true })
    for (const name of ['node_modules', 'dist']) symlinkSync(resolve(name), join(this.root, name))
    mkdirSync(this.#shims)
    this.#shim('npx', `[ "$1" = varve ] || exit 127\nshift\nexec "${resolve('dist/cli/varve.cjs')}" "$@"`)
    this.#shim('npm', '[ "$*" = ci ]')
  }

  /** Does what the page says: runs a block, or saves the file that its first line names. @returns what was printed */
  async does({ kind, text }: Block): Promise<string> {
    if (FILES.has(kind)) {
      const [, path] = /^(?:\/\/|#) (\S+)\n/.exec(text)!
      mkdirSync(dirname(join(this.root, path!)), { recursive: true })
      writeFileSync(join(this.root, path!), kind === 'ts' ? text : text.slice(text.indexOf('\n') + 1))
      return ''
    }
    const { VARVE_LAKE: _, VARVE_SOURCES: __, VARVE_PROFILE: ___, FORCE_COLOR: ____, ...inherited } = process.env
    const child = spawn('sh', ['-e', '-c', text], { cwd: this.root, env: { ...inherited, NO_COLOR: '1', PATH: `${this.#shims}${delimiter}${process.env['PATH']}` }, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', part => (out += String(part)))
    child.stderr.on('data', part => (err += String(part)))
    const code = await new Promise(done => child.once('close', done))
    const ends = ENDS[kind] ?? 0
    expect([text, code, code === ends ? '' : out + err]).toEqual([text, ends, ''])
    return ends === 2 ? err : out
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
export const lasting = (text: string): string => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'RUN').replaceAll(/in [\d.]+ m?s\b/g, 'in TIME').replaceAll(/, as in \{[^}]*\}/g, ', as in {…}').trimEnd()

/** Puts what was printed into a page, in place of a block of text: for `VARVE_WRITE_DOCS=1`, when the page is to follow the commands. */
export function printInto(path: string, { n }: Block, shown: string): void {
  let seen = 0
  writeFileSync(path, readFileSync(path, 'utf8').replace(FENCED, block => (seen++ === n ? `\`\`\`text\n${shown.trimEnd()}\n\`\`\`` : block)))
}
