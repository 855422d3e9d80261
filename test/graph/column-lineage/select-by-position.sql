select #2 as second from v

/* lineage
second VARCHAR <- v.k
*/
