import { differencesOf, type WantedApplication } from '../engines/emr-application.ts'
import { clientSettings, loadSdk } from '../objects/aws-settings.ts'
import { requestTrouble } from '../objects/request-trouble.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { wantsAthena } from './athena-config.ts'
import { emrServerlessSettings, type EngineName } from './engine-config.ts'
import { expanded } from './expanded.ts'
import { bad, good, warning, type Finding } from './finding.ts'
import type { ProjectConfig } from './project-config.ts'
import { wantedApplication } from './provision-config.ts'

/** What the engines need that assets are to be made by. */
export async function engines(config: ProjectConfig): Promise<Finding[]> {
  const { default: usual, layers, assets } = config.engines
  const used = new Set<EngineName>([usual, ...Object.values(layers), ...Object.values(assets)])
  const reads = wantsAthena(config.athena, process.env)
  // Scripts run there though no other asset does.
  const runsScripts = config.emrServerless !== undefined && unsetOf(config).length === 0
  return [...(used.has('emr-serverless') || runsScripts ? await emrServerless(config) : []), ...(used.has('athena') || reads ? await (await import('./doctor-athena.ts')).athena(config) : [])]
}

async function emrServerless(config: ProjectConfig): Promise<Finding[]> {
  const unset = unsetOf(config)
  if (unset.length > 0) return unset
  try {
    const settings = emrServerlessSettings(config, process.env)
    const sdk = await loadSdk('@aws-sdk/client-emr-serverless', () => import('@aws-sdk/client-emr-serverless'))
    const client = new sdk.EMRServerlessClient({ ...clientSettings({ region: settings.region, endpoint: settings.endpoint }), maxAttempts: 2 })
    try {
      return [...(await application(client, sdk, settings.application, wantedApplication(config.emrServerless?.provision))), role(settings.role)]
    } finally {
      client.destroy()
    }
  } catch (error) {
    return [bad('emr-serverless', error instanceof Error ? error.message : String(error), error instanceof ExplainedError ? error.hint : 'Check emrServerless: in the configuration.')]
  }
}

/** Each variable that is missing, not only the first. */
function unsetOf({ emrServerless }: ProjectConfig): Finding[] {
  return (['application', 'role'] as const).flatMap(name => {
    const written = emrServerless?.[name]
    if (written === undefined) return []
    try {
      return expanded(written, process.env, `emrServerless.${name}`) === '' ? [bad(`emr ${name}`, `emrServerless.${name} comes to nothing.`, 'Set the variables that it reads.')] : []
    } catch (error) {
      if (!(error instanceof ExplainedError)) throw error
      return [bad(`emr ${name}`, error.message, error.hint)]
    }
  })
}

type Sdk = typeof import('@aws-sdk/client-emr-serverless')

/** Whether it is there and may run jobs, and whether it is as the configuration wants it. */
async function application(client: InstanceType<Sdk['EMRServerlessClient']>, sdk: Sdk, id: string, wanted: WantedApplication | undefined): Promise<Finding[]> {
  try {
    const { application: found } = await client.send(new sdk.GetApplicationCommand({ applicationId: id }))
    const state = String(found?.state ?? '')
    if (state === 'TERMINATED') return [bad('emr application', `The application ${id} was terminated.`, 'Make another (varve application), and put its id into emrServerless.application.')]
    const differences = wanted && found ? differencesOf(wanted, found) : []
    const settings = differences.length === 0 ? [] : [warning('emr application settings', `It differs from emrServerless.provision: ${differences.map(({ setting, is, wanted: should }) => `${setting} is ${is}, not ${should}`).join('; ')}.`, 'varve application --apply makes it so, once no job runs on it.')]
    const told = `The application ${id} is ${state || 'there'}${found?.releaseLabel ? ` (${found.releaseLabel})` : ''}.`
    const itself = found?.type !== undefined && !/spark/i.test(found.type) ? bad('emr application', `The application ${id} is of type ${found.type}.`, 'Make one of type SPARK.') : found?.autoStartConfiguration?.enabled === false && state === 'STOPPED' ? warning('emr application', told, 'Start it, or let it start by itself: jobs wait until it runs.') : good('emr application', told)
    return [itself, ...settings]
  } catch (error) {
    switch (requestTrouble(error)) {
      case 'absent': return [bad('emr application', `There is no EMR Serverless application ${id}.`, 'Check emrServerless.application and the region.')]
      case 'denied': return [bad('emr application', `The application ${id} may not be looked at.`, 'Allow emr-serverless:GetApplication, StartJobRun, GetJobRun and CancelJobRun.')]
      default: return [bad('emr application', `The application ${id} can't be reached: ${error instanceof Error ? error.message : String(error)}.`, 'Check the network, the region and emrServerless.endpoint.')]
    }
  }
}

const role = (arn: string): Finding => (/^arn:aws[a-z-]*:iam::\d{12}:role\/.+/.test(arn)
  ? good('emr role', `Jobs run as ${arn}: StartJobRun tells whether it may be passed on.`)
  : bad('emr role', `emrServerless.role is "${arn}", which is no ARN of a role.`, 'Write it as arn:aws:iam::123456789012:role/name.'))
