select date_trunc('month', d) as month, d + interval 1 day as next_day, extract(year from ts) as year, ts::date - d as days from t

/* lineage
month TIMESTAMP <- transformation t.d
next_day TIMESTAMP <- transformation t.d
year BIGINT <- transformation t.ts
days BIGINT <- transformation t.d, transformation t.ts
*/
