import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Bundles a program that imports from framework/ (as `#state/…`), so that a plain Node can run it in a process of its own. */
export async function childProgram(folder: string, source: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const input = join(folder, 'program.ts')
  await writeFile(input, source)
  const file = join(folder, 'program.mjs')
  await build({ input, platform: 'node', external: ['libsql'], resolve: { alias: { '#state': join(root, 'framework/state') } }, output: { file, format: 'esm' }, logLevel: 'silent' })
  return file
}

export const start = (program: string, ...args: string[]): ChildProcess => spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })

/** What a child printed, once it has ended. @throws where it did not end well. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let text = ''
  child.stdout!.on('data', part => (text += String(part)))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  if (code !== 0) throw new Error(`the child ended with ${code}`)
  return text
}

/** Resolves once the child has printed this. */
export const printed = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let heard = ''
    child.stdout!.on('data', part => {
      heard += String(part)
      if (heard.includes(text)) resolve()
    })
    child.once('exit', () => reject(new Error(`the child ended before it said "${text}"`)))
  })
