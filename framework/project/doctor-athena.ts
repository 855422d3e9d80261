import type { WorkGroup } from '@aws-sdk/client-athena'
import { glueNameOf, type AthenaSettings } from '../engines/athena-settings.ts'
import { clientSettings, loadSdk } from '../objects/aws-settings.ts'
import { requestTrouble } from '../objects/request-trouble.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { athenaSettings } from './athena-config.ts'
import { bad, good, skipped, warning, type Finding } from './finding.ts'
import type { ProjectConfig } from './project-config.ts'

/** What Athena needs: a workgroup, a place for its results with the right key, a database of Glue. */
export async function athena(config: ProjectConfig): Promise<Finding[]> {
  let settings: AthenaSettings
  try {
    settings = athenaSettings(config, process.env)
  } catch (error) {
    if (!(error instanceof ExplainedError)) throw error
    return [bad('athena', error.message, error.hint)]
  }
  return [...(await workgroup(settings)), ...(await databases(settings, config.layers))]
}

async function workgroup(settings: AthenaSettings): Promise<Finding[]> {
  const { workgroup: name } = settings
  try {
    const sdk = await loadSdk('@aws-sdk/client-athena', () => import('@aws-sdk/client-athena'))
    const client = new sdk.AthenaClient({ ...clientSettings({ region: settings.region, endpoint: settings.endpoint }), maxAttempts: 2 })
    try {
      const { WorkGroup: found } = await client.send(new sdk.GetWorkGroupCommand({ WorkGroup: name }))
      return [group(name, found), output(settings, found)]
    } finally {
      client.destroy()
    }
  } catch (error) {
    if (error instanceof ExplainedError) return [bad('athena workgroup', error.message, error.hint)]
    const absent = (error as Error).name === 'InvalidRequestException'
    const finding = absent ? bad('athena workgroup', `There is no workgroup ${name} in Athena.`, 'Check athena.workgroup and the region, or make it.')
      : /denied/i.test((error as Error).name) || requestTrouble(error) === 'denied' ? bad('athena workgroup', `The workgroup ${name} may not be looked at.`, 'Allow athena:GetWorkGroup, StartQueryExecution, GetQueryExecution, GetQueryResults and StopQueryExecution.')
        : bad('athena workgroup', `Athena can't be reached: ${error instanceof Error ? error.message : String(error)}.`, 'Check the network, the region, the credentials and athena.endpoint.')
    return [finding, skipped('athena output', 'The workgroup has to be found first.')]
  }
}

function group(name: string, found: WorkGroup | undefined): Finding {
  const version = found?.Configuration?.EngineVersion?.EffectiveEngineVersion
  if (found?.State === 'DISABLED') return bad('athena workgroup', `The workgroup ${name} is disabled.`, 'Enable it, or choose another in athena.workgroup.')
  if (version !== undefined && /\b[12]$/.test(version)) return bad('athena workgroup', `The workgroup ${name} has ${version}, which reads no Delta tables.`, 'Have it use engine version 3.')
  const cutoff = found?.Configuration?.BytesScannedCutoffPerQuery
  return good('athena workgroup', `Queries run in the workgroup ${name}${version === undefined ? '' : ` (${version})`}${cutoff === undefined ? '' : `, which stops what scans more than ${cutoff} bytes`}.`)
}

/** Where results go, and with which key. What a workgroup enforces counts more than what is asked for. */
function output({ output: asked, workgroup: name, kmsKey }: AthenaSettings, found: WorkGroup | undefined): Finding {
  const { EnforceWorkGroupConfiguration: enforces = false, ResultConfiguration: own } = found?.Configuration ?? {}
  const place = enforces ? own?.OutputLocation : (asked ?? own?.OutputLocation)
  if (place === undefined) return bad('athena output', `Neither athena.output nor the workgroup ${name} says where results go.`, 'Set athena: { output: s3://bucket/prefix }, or the location of the workgroup.')
  if (enforces && asked !== undefined && asked.replace(/\/+$/, '') !== place.replace(/\/+$/, '')) return warning('athena output', `The workgroup ${name} has results put at ${place}, whatever athena.output says.`, 'Leave out athena.output, or let the workgroup not enforce its own.')
  const key = own?.EncryptionConfiguration
  if (enforces && kmsKey !== undefined && (key?.EncryptionOption !== 'SSE_KMS' || (kmsKey.startsWith('arn:') && key.KmsKey !== kmsKey))) return bad('athena output', `The workgroup ${name} enforces ${key?.EncryptionOption === undefined ? 'no encryption' : `${key.EncryptionOption}${key.KmsKey === undefined ? '' : ` with ${key.KmsKey}`}`}, so that what Athena writes into the lake is not encrypted with aws.kmsKey.`, 'Have the workgroup encrypt with SSE_KMS and that key, or enforce nothing.')
  return good('athena output', `Results and manifests are put at ${place}${kmsKey === undefined ? '' : `, with SSE-KMS and the key ${(enforces ? key?.KmsKey : kmsKey)!}`}.`)
}

async function databases(settings: AthenaSettings, layers: readonly string[]): Promise<Finding[]> {
  const names = [...new Set((settings.database.includes('{layer}') ? layers : ['any']).map(layer => glueNameOf(`${layer}/x`, settings.database).database))]
  try {
    const sdk = await loadSdk('@aws-sdk/client-glue', () => import('@aws-sdk/client-glue'))
    const client = new sdk.GlueClient({ ...clientSettings({ region: settings.region, endpoint: settings.glueEndpoint }), maxAttempts: 2 })
    try {
      const absent: string[] = []
      for (const name of names) {
        await client.send(new sdk.GetDatabaseCommand({ Name: name })).catch(error => {
          if ((error as Error).name !== 'EntityNotFoundException') throw error
          absent.push(name)
        })
      }
      return [absent.length === 0 ? good('glue database', `Tables are known to Glue in ${names.join(', ')}.`) : warning('glue database', `There is no database ${absent.join(', ')} in Glue yet.`, 'It is made with the first table, which needs glue:CreateDatabase; or make it beforehand.')]
    } finally {
      client.destroy()
    }
  } catch (error) {
    if (error instanceof ExplainedError) return [bad('glue database', error.message, error.hint)]
    return [/denied/i.test((error as Error).name) || requestTrouble(error) === 'denied'
      ? bad('glue database', `The databases of Glue may not be looked at: ${names.join(', ')}.`, 'Allow glue:GetDatabase, GetTable, CreateTable, UpdateTable and DeleteTable.')
      : bad('glue database', `Glue can't be reached: ${error instanceof Error ? error.message : String(error)}.`, 'Check the network, the region, the credentials and athena.glueEndpoint.')]
  }
}
