select z from (select y as z from (select x as y from (select a + id as x from t)))

/* lineage
z INTEGER <- transformation t.a, transformation t.id
*/
