import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparison, interleaved, run } from './measure.mjs'

const root = join(import.meta.dirname, '../..')
const varve = join(root, 'dist/cli/varve.cjs')

/** What a command costs that finds nothing to do, in a new process each time, against a Node that does nothing. */
export async function start({ rounds = 15 } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  try {
    const options = ['--lake', join(home, 'lake'), '--sources', join(home, 'sources')]
    await run([varve, 'demo', 'generate', '--customers', '500', '--seed', '1', '--dir', join(home, 'sources')], { cwd: root })
    await run([varve, 'materialize', '--quiet', ...options], { cwd: root })
    const measured = await interleaved({
      'node -e 0': () => run(['-e', '0']),
      'varve --help': () => run([varve, '--help'], { cwd: root }),
      'varve plan': async () => {
        const told = await run([varve, 'plan', ...options], { cwd: root })
        if (!told.out.includes('nothing to do')) throw new Error(`The plan is not empty:\n${told.out}`)
        return told
      },
    }, { rounds })
    return [`start: a plan of 33 fresh assets, in a new process each time, ${rounds} rounds. Aim: 6 by the clock`, ...comparison(measured)]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
