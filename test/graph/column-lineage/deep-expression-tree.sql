select ((((a + 1) * 2 - id) % 7) || b || coalesce(j::varchar, b)) as x from t

/* lineage
x VARCHAR <- transformation t.a, transformation t.b, transformation t.id, transformation t.j
*/
