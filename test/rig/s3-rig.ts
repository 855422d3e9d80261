import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import { DisturbedProxy } from './disturbed-proxy.ts'
import { ObjectServer } from './object-server.ts'

export interface S3Place {
  readonly server: ObjectServer
  readonly proxy: DisturbedProxy
  /** For processes that are started. */
  readonly environment: Readonly<Record<string, string>>
}

/** A server of objects for one test file, with a proxy before it, and an environment in which all that asks for S3 finds it. */
export function s3ForTests(bucket = 'lake'): () => S3Place {
  let place: S3Place
  beforeAll(async () => {
    const server = await ObjectServer.start(bucket)
    const proxy = await DisturbedProxy.before(server.endpoint)
    place = { server, proxy, environment: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_S3: proxy.endpoint } }
    for (const [name, value] of Object.entries(place.environment)) vi.stubEnv(name, value)
  })
  beforeEach(() => {
    place.proxy.disturb = () => undefined
    place.proxy.take()
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await place.proxy.stop()
    await place.server.stop()
  })
  return () => place
}

/** The configuration of another machine: the same lake, and a cache of its own. */
export const ofMachine = (name: string): string => `sources:\n  dir: exports\nlayers: [landing, bronze, silver, gold]\njobs: 2\nlease: 300ms\ncache:\n  dir: .varve/${name}\n`

