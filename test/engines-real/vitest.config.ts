import { availableParallelism, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/engines-real/**/*.test.ts'],
    globalSetup: ['test/delta-peers/setup-peers.ts', 'test/engines-real/setup-moto.ts', 'test/engines-real/setup-trino.ts', 'test/engines-real/setup-s3a.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    // Each file may start a Spark, which takes up to two gigabytes.
    maxWorkers: availableParallelism() > 1 && totalmem() > 12 * 1024 ** 3 ? 2 : 1,
  },
})
