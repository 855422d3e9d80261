import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '../..')

/** The statements of `raw-platform.sql.ts`, which is TypeScript over the assets' own classes and so is bundled first. */
export async function rawPlatform(options) {
  const { rawPlatformScript } = await bundled('test/bench/raw-platform.sql.ts', 'raw-platform.mjs')
  return rawPlatformScript(options).map(({ sql }) => sql)
}

export async function bundled(source, name) {
  const folder = join(root, '.varve/bench')
  const build = await rolldown({ input: join(root, source), cwd: root, platform: 'node', logLevel: 'silent', treeshake: false, transform: { decorator: { legacy: true }, target: 'es2022' }, tsconfig: false, external: id => !/^[./#\0]|^@oxc-project/.test(id) })
  const { output } = await build.generate({ format: 'esm', codeSplitting: false })
  await build.close()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, name)
  writeFileSync(file, output[0].code)
  return import(pathToFileURL(file).href)
}
