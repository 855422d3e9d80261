import { afterAll, beforeAll } from 'vitest'
import { engineContract } from '../engines/engine-contract.ts'
import { athenaService, emrService, remoteOnTrial } from '../engines/engines-on-trial.ts'
import { AthenaOnTrino } from './athena-on-trino.ts'
import { LocalTrino } from './local-trino.ts'
import { WarmSpark } from './warm-spark.ts'

let spark: WarmSpark
let trino: LocalTrino
beforeAll(() => {
  spark = new WarmSpark()
  trino = new LocalTrino()
})
afterAll(() => {
  spark.close()
  trino.close()
})

engineContract('EMR Serverless, with Spark itself', async ({ database, folder }) => remoteOnTrial(await emrService(folder, job => spark.submit(job)), database, { runsScripts: true }))
engineContract('Athena, with Trino\'s own engine behind it', async ({ database, folder }) => remoteOnTrial(await athenaService(folder, database, server => new AthenaOnTrino(trino, database, () => server().databases).execute), database, { newestOnly: true }))
