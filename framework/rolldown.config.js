import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const dist = join(import.meta.dirname, '../dist')

/**
 * What `dist/cli/varve.cjs` runs: the command line in few files, since each of the four hundred that the compiler makes costs a start half a millisecond.
 * A module that looks for a file must ask for it by `../<its room>/`, which is the same from where it was compiled and from here.
 * So is the JavaScript of DuckDB's package, a hundred files that no author shares with us; its native half stays a package.
 */
const DUCKDB = '@duckdb/node-api'
const licence = { name: 'licence', generateBundle() { this.emitFile({ type: 'asset', fileName: `LICENSE.${DUCKDB.replace(/\W+/g, '-').slice(1)}`, source: readFileSync(join(dirname(createRequire(import.meta.url).resolve(`${DUCKDB}/package.json`)), 'LICENSE'), 'utf8') }) } }

export default {
  input: join(dist, 'cli/main.js'),
  platform: 'node',
  external: /^(?![./\0]|@duckdb\/node-api$)/,
  plugins: [licence],
  output: { dir: join(dist, 'run'), format: 'esm', entryFileNames: 'main.js', chunkFileNames: '[name]-[hash].js', sourcemap: true },
}
