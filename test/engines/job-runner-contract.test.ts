import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { athenaService, emrService } from './engines-on-trial.ts'
import { jobRunnerContract } from './job-runner-contract.ts'

let database: Database
beforeAll(async () => {
  database = await Database.open()
})
afterAll(() => database.close())

const leave = (path: string) => database.use(connection => connection.run(`copy (select 1::integer as id) to '${path}' (format parquet)`))

jobRunnerContract('EMR Serverless', (folder, outcomes) => {
  let jobs = 0
  return emrService(folder, async ({ jobDriver }) => {
    const { staging, result } = JSON.parse(readFileSync(jobDriver.sparkSubmit.entryPointArguments[0]!, 'utf8')) as { readonly staging: string; readonly result: string }
    if (outcomes[Math.min(jobs++, outcomes.length - 1)] === 'fails') return { code: 1, stderr: 'no' }
    mkdirSync(staging, { recursive: true })
    await leave(join(staging, 'part-0.parquet'))
    writeFileSync(result, JSON.stringify({ version: 1, ok: true, files: [{ path: `file:${staging}/part-0.parquet`, bytes: 1 }], milliseconds: 1, spark: '0' }))
    return { code: 0 }
  })
})

jobRunnerContract('Athena', (folder, outcomes) => {
  let queries = 0
  return athenaService(folder, database, () => async sql => {
    if (outcomes[Math.min(queries++, outcomes.length - 1)] === 'fails') throw new Error('no')
    const to = /\nTO '([^']+)'/.exec(sql)![1]!
    mkdirSync(to, { recursive: true })
    await leave(`${to}part_0`)
    return { files: [`${to}part_0`], scanned: 1 }
  })
})
