select x, y from (values (1, 'a'), (2, 'b')) as q(x, y)

/* lineage
x INTEGER <-
y VARCHAR <-
*/
