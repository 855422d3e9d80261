import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { inWords } from '../../vocabulary/near-names.ts'
import type { Invocation } from '../command.ts'
import { initTemplate } from '../init-template.ts'
import { shellLine } from '../shell-words.ts'
import { WrongArgument } from '../usage-errors.ts'
import { varveVersion } from '../../project/version.ts'
import { document } from '../views/document.ts'

interface Options {
  readonly json?: true
  readonly quiet?: true
}

export function configure(command: Command, invocation: Invocation): void {
  command
    .argument('[dir]', 'where to; without it here')
    .option('--json', 'print one JSON document on stdout')
    .option('--quiet', 'print nothing')
    .action((dir: string | undefined, options: Options) => init(dir ?? '.', options, invocation))
}

async function init(dir: string, options: Options, { terminal: { out } }: Invocation): Promise<void> {
  const root = resolve(dir)
  const files = initTemplate(packageName(root), varveVersion())
  const taken = Object.keys(files).filter(path => existsSync(join(root, path)))
  if (taken.length > 0) throw new WrongArgument(`${root} has ${inWords(taken)} already.`, 'Nothing was written. Name another folder: varve init my-lake')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text, { flag: 'wx' })
  }
  if (options.json) return out.write(document({ dir: root, files: Object.keys(files) }))
  if (options.quiet) return
  const here = relative(process.cwd(), root)
  const next = [...(here === '' ? [] : [shellLine(['cd', here])]), 'npm install', 'npx varve materialize', 'npx varve show gold/daily_means']
  out.lines([`A new project in ${root}:`, ...Object.keys(files).map(path => `  ${path}`), '', 'Next:', ...next.map(line => `  ${out.style.bold(line)}`)])
}

/** What npm takes for a package's name. */
const packageName = (root: string): string => basename(root).toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-').replaceAll(/^[._-]+|-+$/g, '') || 'my-lake'
