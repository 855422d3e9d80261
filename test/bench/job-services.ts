import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EmrServer } from '../engines-real/emr-server.ts'
import { AthenaServer } from '../rig/athena-server.ts'

/** Services whose jobs take no time, but for that they are looked at once before they have ended: each leaves a copy of the file that is given. */
export async function jobServices(file: string) {
  const emr: EmrServer = await EmrServer.start({ submit: async ({ jobDriver }) => {
    await looked(() => emr.count('GetJobRun'), emr.jobs.size - 1)
    const { staging, result } = JSON.parse(readFileSync(jobDriver.sparkSubmit.entryPointArguments[0]!, 'utf8')) as { readonly staging: string; readonly result: string }
    mkdirSync(staging, { recursive: true })
    copyFileSync(file, join(staging, 'part-0.parquet'))
    writeFileSync(result, JSON.stringify({ version: 1, ok: true, files: [{ path: join(staging, 'part-0.parquet'), bytes: 0 }], milliseconds: 0, spark: '0' }))
    return { code: 0 }
  } })
  const athena: AthenaServer = await AthenaServer.start({ execute: async sql => {
    await looked(() => athena.count('GetQueryExecution'), athena.queries.size - 1)
    const to = /\nTO '([^']+)'/.exec(sql)![1]!
    mkdirSync(to, { recursive: true })
    copyFileSync(file, `${to}part_0`)
    return { files: [`${to}part_0`], scanned: 1 }
  } })
  const looks = { 'emr-serverless': () => emr.count('GetJobRun'), athena: () => athena.count('GetQueryExecution') }
  return { emr: emr.endpoint, athena: athena.endpoint, looks, stop: () => Promise.all([emr.stop(), athena.stop()]) }
}

/** Waits for the first look at a job, where those before it were looked at twice each. */
async function looked(count: () => number, before: number): Promise<void> {
  while (count() <= 2 * before) await new Promise(resolve => setTimeout(resolve, 5))
}
