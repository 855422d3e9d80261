import { readFileSync } from 'node:fs'

/** The version of the package that this file is part of. */
export function varveVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  return version
}
