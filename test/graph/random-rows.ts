/** Numbers that only seem random: the same seed gives the same ones. */
export function seeded(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

/** A value of the type as SQL text. There are few different ones, so that rows meet in joins and groups. */
export function randomLiteral(type: string, below: (n: number) => number): string {
  if (below(10) === 0) return 'null'
  const int = () => String(below(5))
  const word = () => `'${['x', 'y', 'z', 'xa', 'a-b'][below(5)]}'`
  const date = () => `date '2024-12-01' + ${below(60)}`
  switch (type) {
    case 'INTEGER': return int()
    case 'VARCHAR': return word()
    case 'DOUBLE': return `${below(9) / 2}::double`
    case 'BOOLEAN': return below(2) === 0 ? 'true' : 'false'
    case 'DATE': return date()
    case 'TIMESTAMP': return `(${date()})::timestamp + interval ${below(2000)} minute`
    case 'INTEGER[]': return `[${Array.from({ length: below(4) }, int).join(', ')}]::integer[]`
    case 'STRUCT(x INTEGER, y STRUCT(z VARCHAR))': return `{'x': ${int()}, 'y': {'z': ${word()}}}`
    case 'MAP(VARCHAR, INTEGER)': return `map {'a': ${int()}, 'b': ${int()}}`
    case 'JSON': return `'{"p": ${int()}, "q": [${int()}]}'`
    default:
      if (!type.startsWith('DECIMAL')) throw new Error(`No random values of type ${type}`)
      return `${below(20)}.${below(10)}`
  }
}
