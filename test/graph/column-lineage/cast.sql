select a::varchar as text, cast(b as varchar) as same, try_cast(b as integer) as number from t

/* lineage
text VARCHAR <- transformation t.a
same VARCHAR <- t.b
number INTEGER <- transformation t.b
*/
