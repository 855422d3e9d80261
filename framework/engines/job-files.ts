import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Small files that this machine and the jobs on other machines tell each other by, and what they are called over there. */
export interface JobFiles {
  /** How the other machines call what lies at a path. */
  address(path: string): string
  /** The path here of what a job calls so. */
  pathOf(address: string): string
  read(path: string): Promise<string | undefined>
  replace(path: string, text: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes parquet files that a job wrote readable at their paths. */
  bring(paths: readonly string[]): Promise<void>
  /** Whether all of these are there. Brings none. */
  areThere(paths: readonly string[]): Promise<boolean>
  /** Makes files that were written here readable for jobs. */
  handOver(paths: readonly string[]): Promise<void>
}

/** Where the machines share a disk. */
export const sharedFiles: JobFiles = {
  address: path => path,
  pathOf: address => address.replace(/^file:(\/\/)?(?=\/)/, ''),
  async read(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  },
  async replace(path, text) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.part`, text)
    renameSync(`${path}.part`, path)
  },
  async remove(path) {
    rmSync(path, { force: true })
  },
  async bring() {},
  areThere: async paths => paths.every(path => existsSync(path)),
  async handOver() {},
}
