// Runs assets that do nothing but wait. argv: how many, how long each waits in milliseconds, how many at once.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dist } from './dist.mjs'

const { openProject } = await dist('project/project.js')
const [size, waits, jobs] = process.argv.slice(2).map(Number)
const root = mkdtempSync(join(tmpdir(), 'varve-bench-runs-'))
mkdirSync(join(root, 'assets'))
symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(root, 'node_modules'))
writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
const classes = Array.from({ length: size }, (_, i) => `
/** Nothing. */
@Asset({ key: 'serve/a${i}' })
export class A${i} extends PublishAsset {
  async publish() {
    ${waits > 0 ? `await new Promise(resolve => setTimeout(resolve, ${waits}))` : ''}
    return { rows: 0 }
  }
}`)
writeFileSync(join(root, 'assets', 'all.ts'), `import { Asset, PublishAsset } from 'varve'\n${classes.join('\n')}`)
const project = await openProject({ root, lake: join(root, 'lake'), jobs })
try {
  await project.plan({ selection: [] })
  const { ok, durationMs, steps } = await project.materialize({ selection: [] }, { signal: new AbortController().signal, listen: () => {} })
  if (!ok || steps.length !== size) throw new Error('The run did not end well')
  process.stdout.write(JSON.stringify({ durationMs }))
} finally {
  await project.close()
  rmSync(root, { recursive: true, force: true })
}
