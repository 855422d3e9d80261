select * from (pivot t on a in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21) using sum(c) as s group by b)

/* lineage
b VARCHAR <- t.b
0_s DECIMAL(38,2) <- aggregation t.c
1_s DECIMAL(38,2) <- aggregation t.c
2_s DECIMAL(38,2) <- aggregation t.c
3_s DECIMAL(38,2) <- aggregation t.c
4_s DECIMAL(38,2) <- aggregation t.c
5_s DECIMAL(38,2) <- aggregation t.c
6_s DECIMAL(38,2) <- aggregation t.c
7_s DECIMAL(38,2) <- aggregation t.c
8_s DECIMAL(38,2) <- aggregation t.c
9_s DECIMAL(38,2) <- aggregation t.c
10_s DECIMAL(38,2) <- aggregation t.c
11_s DECIMAL(38,2) <- aggregation t.c
12_s DECIMAL(38,2) <- aggregation t.c
13_s DECIMAL(38,2) <- aggregation t.c
14_s DECIMAL(38,2) <- aggregation t.c
15_s DECIMAL(38,2) <- aggregation t.c
16_s DECIMAL(38,2) <- aggregation t.c
17_s DECIMAL(38,2) <- aggregation t.c
18_s DECIMAL(38,2) <- aggregation t.c
19_s DECIMAL(38,2) <- aggregation t.c
20_s DECIMAL(38,2) <- aggregation t.c
21_s DECIMAL(38,2) <- aggregation t.c
rows
  filter: t.a
  group_by: t.a
  group_by: t.b
*/
