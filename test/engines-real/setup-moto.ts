import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The server that stands in for AWS's S3, Glue, STS, KMS and Secrets Manager, in the version that the tests were last seen to pass with. */
const PACKAGE = 'moto[server]==5.2.5'

/** Ignored by git; apart from the other peers, so that neither disturbs the other's packages. */
export const folder = join(import.meta.dirname, '../../.peers/moto')

/** Installs it once. Needs Python 3 with venv, and PyPI. */
export async function setup(): Promise<void> {
  const marker = join(folder, 'installed.txt')
  if (existsSync(join(folder, 'bin/python')) && existsSync(marker) && readFileSync(marker, 'utf8') === PACKAGE) return
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'bin/python'))) execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' })
  execFileSync(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE], { stdio: 'inherit' })
  writeFileSync(marker, PACKAGE)
}
