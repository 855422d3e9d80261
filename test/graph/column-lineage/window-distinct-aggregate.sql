select id, count(distinct b) over (partition by ok) as kinds from t

/* lineage
id INTEGER <- t.id
kinds BIGINT <- aggregation t.b
rows
  window: t.ok for kinds
*/
