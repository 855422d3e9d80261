import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Readonly<Record<string, Locked>> }

/** Where Node would look for a package, seen from another: the nearest `node_modules` first. */
function lockedAs(from: string, name: string): string | undefined {
  const places = from.split('/node_modules/').map((_, depth, parts) => parts.slice(0, parts.length - depth).join('/node_modules/'))
  return [...places.map(place => `${place}/node_modules/${name}`), `node_modules/${name}`].find(path => path in packages)
}

test('the lock file names every package for every platform, so that npm ci installs on each of them', () => {
  const open = Object.entries(packages).flatMap(([from, { dependencies = {}, optionalDependencies = {} }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter(name => !lockedAs(from, name)).map(name => `${from} -> ${name}`))
  expect(open).toEqual([])
})

test('the lock file names no host', () => {
  expect(Object.entries(packages).filter(([, { resolved }]) => resolved).map(([path]) => path)).toEqual([])
})
