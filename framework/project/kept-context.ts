import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fingerprint } from '../vocabulary/version.ts'
import { fileStamp } from './cache.ts'
import type { ProjectConfig } from './project-config.ts'
import { varveVersion } from './version.ts'

export interface KeptContext {
  readonly profile: string
  readonly digest: string
}

/** Names all that a pure module's assets can depend on besides source text: the framework, the configuration with what it took from the environment, the contracts, how names are resolved. */
export function keptContext({ root, profile, config }: { readonly root: string; readonly profile: string; readonly config: ProjectConfig }): KeptContext {
  const folder = join(root, 'config')
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : []
  return { profile, digest: fingerprint(varveVersion(), fileStamp(FRAMEWORK_FILE), profile, JSON.stringify(config), fileStamp(join(root, 'package.json')), ...files.flatMap(file => [file, fileStamp(join(folder, file))])) }
}

/** One file stands for a build of the framework, by whichever way in it runs: the command line and those who import it keep the same. */
const FRAMEWORK_FILE = fileURLToPath(new URL(`../project/kept-context${extname(import.meta.url)}`, import.meta.url))
