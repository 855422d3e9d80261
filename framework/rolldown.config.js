import { join } from 'node:path'

const dist = join(import.meta.dirname, '../dist')

/**
 * What `dist/cli/varve.cjs` runs: the command line in few files, since each of the four hundred that the compiler makes costs a start half a millisecond.
 * A module that looks for a file must ask for it by `../<its room>/`, which is the same from where it was compiled and from here.
 */
export default {
  input: join(dist, 'cli/main.js'),
  platform: 'node',
  external: /^(?![./\0])/,
  output: { dir: join(dist, 'run'), format: 'esm', entryFileNames: 'main.js', chunkFileNames: '[name]-[hash].js', sourcemap: true },
}
