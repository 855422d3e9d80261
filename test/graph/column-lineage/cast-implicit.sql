select a = f as equal from u

/* lineage
equal BOOLEAN <- transformation u.a, transformation u.f
*/
