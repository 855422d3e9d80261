import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The readers that we did not write, in the versions that the tests were last seen to pass with. */
const PACKAGES = ['pyspark==4.0.1', 'delta-spark==4.0.1', 'deltalake==1.6.6', 'pyarrow==26.0.1']
const JARS = ['delta-spark_2.13', 'delta-storage'].map(name => `io/delta/${name}/4.0.1/${name}-4.0.1.jar`)
const REPOSITORY = process.env['VARVE_MAVEN_REPOSITORY'] ?? 'https://repo1.maven.org/maven2'

/** Ignored by git; everything that the peers need and make is in it. */
export const folder = join(import.meta.dirname, '../../.peers')
export const python = join(folder, 'venv/bin/python')
export const jars = JARS.map(jar => join(folder, 'jars', jar.slice(jar.lastIndexOf('/') + 1)))

/** Installs the peers into an ignored folder, once. Needs Python 3 with venv, Java 17, PyPI and Maven Central. */
export async function setup(): Promise<void> {
  const marker = join(folder, 'installed.json')
  const wanted = JSON.stringify([PACKAGES, JARS])
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return
  mkdirSync(join(folder, 'jars'), { recursive: true })
  if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', join(folder, 'venv')], { stdio: 'inherit' })
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES], { stdio: 'inherit' })
  await fetchJars(JARS, jars)
  writeFileSync(marker, wanted)
}

/** Fetches each jar of Maven's repository to its place. */
export async function fetchJars(paths: readonly string[], places: readonly string[]): Promise<void> {
  for (const [i, jar] of paths.entries()) {
    const answer = await fetch(`${REPOSITORY}/${jar}`)
    if (!answer.ok) throw new Error(`${jar} could not be fetched: ${answer.status} ${answer.statusText}`)
    writeFileSync(`${places[i]!}.part`, Buffer.from(await answer.arrayBuffer()))
    renameSync(`${places[i]!}.part`, places[i]!)
  }
}
