import { afterAll, beforeAll, vi } from 'vitest'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { EmrServer } from './emr-server.ts'
import { WarmSpark } from './warm-spark.ts'

/** For a file of tests: one Spark behind one server of EMR Serverless, of which the variable EMR tells the endpoint. */
export function jobsOnSpark(more: () => ConstructorParameters<typeof WarmSpark>[0] | Promise<ConstructorParameters<typeof WarmSpark>[0]> = () => ({})): { readonly server: EmrServer; readonly spark: WarmSpark } {
  const it = {} as { server: EmrServer; spark: WarmSpark }
  beforeAll(async () => {
    it.spark = new WarmSpark(await more())
    it.server = await EmrServer.start({ submit: job => it.spark.submit(job) })
    for (const [name, value] of Object.entries({ ...AWS_FOR_TESTS, EMR: it.server.endpoint })) vi.stubEnv(name, value)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    it.spark.close()
    await it.server.stop()
  })
  return it
}
