select T.ID as "Id", "T"."A" + U.F as Sum_Of from T join U on "t"."Id" = "u"."ID"

/* lineage
Id INTEGER <- t.id
Sum_Of DOUBLE <- transformation t.a, transformation u.f
rows
  join: t.id
  join: u.id
*/
