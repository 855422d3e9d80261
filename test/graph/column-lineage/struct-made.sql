select {'p': a, 'q': b} as pair, row(a, b) as anonymous from t

/* lineage
pair STRUCT(p INTEGER, q VARCHAR) <- transformation t.a, transformation t.b
anonymous STRUCT(INTEGER, VARCHAR) <- transformation t.a, transformation t.b
*/
