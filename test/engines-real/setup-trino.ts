import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const POM = join(import.meta.dirname, 'trino/pom.xml')
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

/** Ignored by git. */
export const folder = join(import.meta.dirname, '../../.peers/trino')
export const jars = join(folder, 'lib')

/** Installs the jars of Trino's engine once. Needs Maven, Java 17 and Maven Central. */
export async function setup(): Promise<void> {
  const marker = join(folder, 'installed.xml')
  const wanted = readFileSync(POM, 'utf8')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return
  mkdirSync(folder, { recursive: true })
  const coming = `${jars}.${process.pid}`
  execFileSync('mvn', ['-B', '-q', '-f', POM, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${coming}`], { stdio: 'inherit' })
  rmSync(jars, { recursive: true, force: true })
  renameSync(coming, jars)
  writeFileSync(marker, wanted)
}
