select sha256(b) as who, row_number() over (partition by sha256(b) order by d) as n from t

/* lineage
who VARCHAR <- transformation masked t.b
n BIGINT <-
rows
  window: masked t.b for n
  window: t.d for n
*/
