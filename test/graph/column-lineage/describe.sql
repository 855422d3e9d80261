select column_name, column_type from (describe v)

/* lineage
column_name VARCHAR <-
column_type VARCHAR <-
*/
