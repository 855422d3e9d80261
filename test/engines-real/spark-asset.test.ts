import { afterAll, beforeAll, expect, it } from 'vitest'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { CONFIG, SCRIPT, SESSIONS } from '../rig/sessions.ts'
import { EmrServer } from './emr-server.ts'
import { WarmSpark } from './warm-spark.ts'

let spark: WarmSpark
let server: EmrServer
let rig: ProjectRig
beforeAll(async () => {
  Object.assign(process.env, AWS_FOR_TESTS)
  spark = new WarmSpark()
  server = await EmrServer.start({ submit: job => spark.submit(job) })
  rig = new ProjectRig({ 'assets/silver/sessions.ts': SESSIONS, 'assets/silver/sessions.py': SCRIPT, 'config/local.yaml': CONFIG(server.endpoint) })
})
afterAll(async () => {
  spark.close()
  await server.stop()
  rig.remove()
})

const sessions = () => rig.rows('select person, session, strftime(began at time zone \'UTC\', \'%d %H:%M\') as began, visits from silver.sessions order by all')
const failure = async () => (await rig.run()).steps.find(({ asset }) => asset === 'silver/sessions')

it('an asset that a PySpark script makes is staged, held to its promises and committed, over its inputs as they were pinned', async () => {
  expect(await rig.endings()).toEqual({ 'bronze/visits': 'materialized', 'silver/sessions': 'materialized' })
  expect(await sessions()).toEqual([
    { person: 'ann', session: 0, began: '01 10:00', visits: 2 },
    { person: 'ann', session: 1, began: '01 12:00', visits: 1 },
    { person: 'bob', session: 0, began: '01 10:00', visits: 1 },
    { person: 'bob', session: 1, began: '02 09:00', visits: 1 },
  ])
  rig.write('config/local.yaml', CONFIG(server.endpoint).replace('30', '180'))
  await rig.run()
  expect(await sessions()).toMatchObject([{ person: 'ann', session: 0, visits: 3 }, { person: 'bob', session: 0, visits: 1 }, { person: 'bob', session: 1, visits: 1 }])
})

it('publishes nothing where the script breaks a promise, gives other columns, or fails; and says what was wrong', async () => {
  const before = [await sessions(), await rig.version('silver/sessions')]
  rig.write('assets/silver/sessions.py', `${SCRIPT.replace('def rows(', 'def made(')}\n\ndef rows(spark, job):\n    once = made(spark, job)\n    return once.unionByName(once)\n`)
  expect(await failure()).toMatchObject({ status: 'check-failed' })
  rig.write('assets/silver/sessions.py', SCRIPT.replace('.alias("visits")', '.alias("seen")'))
  expect(await failure()).toMatchObject({ status: 'failed', error: { code: 'engines/wrong-columns', message: expect.stringContaining('seen bigint') } })
  rig.write('assets/silver/sessions.py', SCRIPT.replace('job.table("visits")', 'job.table("visitors")'))
  expect(await failure()).toMatchObject({ status: 'failed', error: { code: 'engines/job-failed', message: expect.stringContaining('visitors') } })
  rig.write('assets/silver/sessions.py', 'rows = 1\n')
  expect(await failure()).toMatchObject({ status: 'failed', error: { code: 'engines/job-failed', message: expect.stringContaining('assets/silver/sessions.py has no function rows(spark, job)') } })
  expect([await sessions(), await rig.version('silver/sessions')]).toEqual(before)
})
