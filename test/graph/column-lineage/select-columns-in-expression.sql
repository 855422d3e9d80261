select min(columns(*)) from v

/* lineage
id INTEGER <- aggregation v.id
k VARCHAR <- aggregation v.k
n INTEGER <- aggregation v.n
*/
