select main.t.a from main.t

/* lineage
a INTEGER <- t.a
*/
