import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchJars } from '../delta-peers/setup-peers.ts'

/** Of AWS's SDK what Spark's file system of S3 loads: the bundle of all of it has half a gigabyte. */
const SDK = '2.25.53'
const PARTS = [
  'annotations', 'apache-client', 'arns', 'auth', 'aws-core', 'aws-query-protocol', 'aws-xml-protocol', 'checksums', 'checksums-spi', 'crt-core', 'endpoints-spi', 'http-auth', 'http-auth-aws', 'http-auth-spi',
  'http-client-spi', 'identity-spi', 'json-utils', 'metrics-spi', 'netty-nio-client', 'profiles', 'protocol-core', 'regions', 's3', 's3-transfer-manager', 'sdk-core', 'sts', 'third-party-jackson-core', 'utils',
]
/** The file system in the version of Spark's Hadoop; what else the SDK needs is in Spark itself. */
const JARS = [
  'org/apache/hadoop/hadoop-aws/3.4.1/hadoop-aws-3.4.1.jar', 'org/reactivestreams/reactive-streams/1.0.4/reactive-streams-1.0.4.jar', 'software/amazon/eventstream/eventstream/1.0.1/eventstream-1.0.1.jar',
  ...PARTS.map(part => `software/amazon/awssdk/${part}/${SDK}/${part}-${SDK}.jar`),
]

/** Ignored by git. */
const folder = join(import.meta.dirname, '../../.peers/s3a')
export const s3aJars = JARS.map(jar => join(folder, jar.slice(jar.lastIndexOf('/') + 1)))

/** Fetches them once, from Maven Central. */
export async function setup(): Promise<void> {
  const marker = join(folder, 'installed.json')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === JSON.stringify(JARS)) return
  mkdirSync(folder, { recursive: true })
  await fetchJars(JARS, s3aJars)
  writeFileSync(marker, JSON.stringify(JARS))
}
