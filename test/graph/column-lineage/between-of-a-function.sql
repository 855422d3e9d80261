select random() between -1 and a as certain from t

/* lineage
certain BOOLEAN <- transformation t.a
*/
