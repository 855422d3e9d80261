import { createRequire } from 'node:module'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadAssets } from '../../framework/project/load-assets.ts'
import { ROOT } from './platform-rig.ts'

const loaded = (name: string) => Object.keys(createRequire(import.meta.url).cache).some(file => file.includes(`/node_modules/${name}/`))

it('the platform is loaded without the database, which most commands do not need', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'varve-lazy-'))
  try {
    expect((await loadAssets(ROOT, cache)).definitions.length).toBeGreaterThan(30)
    expect(loaded('@duckdb/node-api')).toBe(false)
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
})
