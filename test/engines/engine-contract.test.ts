import { athenaOnDuckDb, sparkOnDuckDb } from '../rig/engines-on-duckdb.ts'
import { engineContract } from './engine-contract.ts'
import { athenaService, duckDbOnTrial, emrService, remoteOnTrial } from './engines-on-trial.ts'

engineContract('DuckDB', async ({ database }) => duckDbOnTrial(database))
engineContract('EMR Serverless, with a stand-in for Spark', async ({ database, folder }) => remoteOnTrial(await emrService(folder, sparkOnDuckDb(database)), database))
engineContract('Athena, with DuckDB behind it', async ({ database, folder }) => remoteOnTrial(await athenaService(folder, database, server => athenaOnDuckDb(database, () => server().databases)), database, { newestOnly: true }))
