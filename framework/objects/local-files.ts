import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { link, mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import type { LakeFile, LakeFiles } from './lake-files.ts'

/** Files that are where the lake is: nothing has to be brought or kept. Data files are synced by the commit that names them. */
export const localFiles: LakeFiles = {
  listsCheaply: false,

  async bring() {},
  wrote() {},
  async settle() {},

  // Small synchronous calls cost less than libuv's pool, which queries keep busy; and what is not there is not looked for by an exception.
  async read(path) {
    if (!existsSync(path)) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined
      throw error
    }
  },

  async putIfAbsent(path, text) {
    await mkdir(dirname(path), { recursive: true })
    const temporary = `${path}.${crypto.randomUUID()}.tmp`
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    crashpoint('manifest-hidden')
    try {
      await link(temporary, path)
      crashpoint('manifest-linked')
      return true
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false
      throw error
    } finally {
      await unlink(temporary)
    }
  },

  async replace(path, text) {
    const temporary = `${path}.${crypto.randomUUID()}.tmp`
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, text)
    crashpoint('note-hidden')
    renameSync(temporary, path)
    crashpoint('note-written')
  },

  async update(path, change) {
    await this.replace(path, change(await this.read(path)))
  },

  async names(folder, from = '') {
    return (await readdir(folder).catch(() => [])).filter(name => name >= from).sort()
  },

  sizes(paths) {
    return Promise.all(paths.map(path => stat(path).then(({ size }) => size, () => undefined)))
  },

  async below(folder, passOver) {
    const found: LakeFile[] = []
    const visit = (at: string, depth: number) => {
      for (const entry of readdirSync(at, { withFileTypes: true })) {
        if (passOver(entry.name, depth)) continue
        const path = join(at, entry.name)
        if (entry.isDirectory()) visit(path, depth + 1)
        else if (entry.isFile()) {
          const known = statSync(path, { throwIfNoEntry: false })
          if (known) found.push({ path, bytes: known.size, modified: known.mtimeMs })
        }
      }
    }
    visit(folder, 0)
    return found
  },

  async remove(paths) {
    for (const path of paths) await rm(path, { force: true })
  },

  async removeFolder(folder) {
    await rm(folder, { recursive: true, force: true })
  },
}

const isCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
