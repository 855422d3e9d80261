import { EmrApplications, type SettledApplication } from '../engines/emr-application.ts'
import { clientSettings, loadSdk } from '../objects/aws-settings.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { EmrServerlessConfig } from './engine-config.ts'
import { expanded } from './expanded.ts'
import type { ProjectConfig } from './project-config.ts'
import { wantedApplication } from './provision-config.ts'

/** Holds the profile's application of EMR Serverless against `emrServerless.provision`, and with `apply` makes it so. @throws {NothingProvisioned} */
export async function settleApplication(config: ProjectConfig, environment: NodeJS.ProcessEnv, apply: boolean): Promise<SettledApplication> {
  const wanted = wantedApplication(config.emrServerless?.provision)
  if (!config.emrServerless || !wanted) throw new NothingProvisioned()
  const id = applicationOf(config.emrServerless, environment)
  const text = (name: 'region' | 'endpoint') => expanded(config.emrServerless![name] ?? '', environment, `emrServerless.${name}`) || undefined
  const sdk = await loadSdk('@aws-sdk/client-emr-serverless', () => import('@aws-sdk/client-emr-serverless'))
  const client = new sdk.EMRServerlessClient({ ...clientSettings({ region: text('region') ?? config.aws.region, endpoint: text('endpoint') }), maxAttempts: 1 })
  try {
    return await new EmrApplications(client, sdk, { first: 500, most: 5000 }).settle(wanted, id, apply)
  } finally {
    client.destroy()
  }
}

/** Its id, where there is one yet: a variable that is not set stands for one that is still to be made. */
function applicationOf({ application }: EmrServerlessConfig, environment: NodeJS.ProcessEnv): string | undefined {
  try {
    return expanded(application, environment, 'emrServerless.application') || undefined
  } catch (error) {
    if (error instanceof ExplainedError) return undefined
    throw error
  }
}

export class NothingProvisioned extends ExplainedError {
  readonly code = 'project/nothing-provisioned'
  readonly hint = 'Write emrServerless: { provision: { name: …, release: emr-7.9.0, maximumCapacity: { cpu: 64, memoryGb: 256 } } } in config/<profile>.yaml.'
  constructor() {
    super('The configuration does not say how the application of EMR Serverless should be.')
  }
}
