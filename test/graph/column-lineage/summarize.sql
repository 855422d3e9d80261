select column_name, min, max from (summarize v)

/* lineage
column_name VARCHAR <-
min VARCHAR <- aggregation v.id, aggregation v.k, aggregation v.n
max VARCHAR <- aggregation v.id, aggregation v.k, aggregation v.n
*/
