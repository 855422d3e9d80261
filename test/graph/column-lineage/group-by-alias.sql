select lower(b) as label, max(a) as top from t group by label

/* lineage
label VARCHAR <- transformation t.b
top INTEGER <- aggregation t.a
rows
  group_by: t.b
*/
