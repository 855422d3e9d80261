import { module } from './project-rig.ts'

/** Visits, and sessions that a script cuts them into: a new one where a person was away for long. */
export const SESSIONS = module('Asset, notNull, primaryKey, SparkAsset, SqlAsset, sql, Upstream', `
@Asset({ key: 'bronze/visits' })
export class Visits extends SqlAsset {
  query() {
    return sql\`select * from (values ('ann', timestamptz '2026-01-01 10:00:00+00'), ('ann', '2026-01-01 10:05:00+00'), ('ann', '2026-01-01 12:00:00+00'), ('bob', '2026-01-01 10:00:00+00'), ('bob', '2026-01-02 09:00:00+00')) as v(person, seen_at)\`
  }
}
@Asset({ key: 'silver/sessions', checks: [primaryKey(['person', 'session']), notNull('began')] })
export class Sessions extends SparkAsset {
  @Upstream(() => Visits) visits
  script = './sessions.py'
  columns = { person: 'VARCHAR', session: 'INTEGER', began: 'TIMESTAMPTZ', visits: 'BIGINT' }
  parameters(context) {
    return { minutes: context.variable('session_minutes') }
  }
}`)

export const SCRIPT = `
from pyspark.sql import Window
from pyspark.sql import functions as f


def rows(spark, job):
    away = "unix_timestamp(seen_at) - lag(unix_timestamp(seen_at)) over (partition by person order by seen_at) > 60 * %d" % job.parameters["minutes"]
    visits = job.table("visits").selectExpr("person", "seen_at", "case when %s then 1 else 0 end as begins" % away)
    numbered = visits.withColumn("session", f.sum("begins").over(Window.partitionBy("person").orderBy("seen_at")).cast("int"))
    return numbered.groupBy("person", "session").agg(f.min("seen_at").alias("began"), f.count("*").alias("visits"))
`

export const CONFIG = (endpoint: string) => `variables: { session_minutes: 30 }
emrServerless: { application: app, role: 'arn:aws:iam::123456789012:role/varve', region: eu-central-1, endpoint: '${endpoint}', rowsStay: false, poll: { first: 10ms, most: 100ms } }
`
