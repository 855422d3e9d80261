import { defineConfig } from 'vitest/config'
import { fileURLToPath } from 'node:url'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/engines-real/**/*.test.ts'],
    globalSetup: ['test/delta-peers/setup-peers.ts', 'test/engines-real/setup-moto.ts', 'test/engines-real/setup-trino.ts', 'test/engines-real/setup-s3a.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
