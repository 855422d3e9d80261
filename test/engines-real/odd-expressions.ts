/** Of each kind of value how it is said; in braces stands what kind of value is put in. */
const SAID: Readonly<Record<string, { readonly plain: readonly string[]; readonly made: readonly string[] }>> = {
  whole: {
    plain: ['i1', 'i2', 'i4', 'i8', 'id', '0', '1', '-1', '2', '7', '2147483647', '9223372036854775807', 'null', '1_000', '0x1F', "cast('12' as integer)", "try_cast(' 12 ' as integer)", "try_cast('1e3' as integer)", "try_cast('1.5' as integer)", 'cast(1.5 as integer)', 'cast(2.5 as integer)', 'len(l)', 'l[1]', 'l[0]'],
    made: ['{whole} + {whole}', '{whole} - {whole}', '{whole} * {whole}', '-({whole})', 'abs({whole})', '{whole} % {whole}', '{whole} // {whole}', '{whole} & {whole}', '{whole} << 1', 'xor({whole}, 3)', 'length({text})', 'strlen({text})', 'ascii({text})', "position('a' in {text})", 'coalesce({whole}, {whole})', 'nullif({whole}, {whole})', 'ifnull({whole}, 3)', 'case when {truth} then {whole} else {whole} end', 'if({truth}, {whole}, {whole})', 'case {whole} when 2 then {whole} end', 'cast({truth} as integer)', 'try_cast({whole} as smallint)', 'try_cast({whole} as bigint)', 'try_cast({decimal} as integer)', 'try_cast({double} as bigint)', 'try_cast({text} as integer)', 'year({day})', 'month({day})', 'day({time})', 'quarter({day})', 'weekofyear({day})', 'isodow({day})', 'dayofweek({day})', 'dayofyear({day})', 'hour({time})', 'extract(epoch from {time})', 'extract(isoyear from {day})', "date_diff('month', {day}, date '2024-01-01')", "date_part('week', {day})", 'greatest({whole}, {whole})', 'least({whole}, 2)', 'sign({whole})', 'round({whole}, -1)', 'mod({whole}, 3)', 'gcd({whole}, 6)', 'bit_count({whole})', 'unicode({text})', 'lag({whole}) over (order by id)', 'lead({whole}, 2, 0) over (order by id desc)', 'lag({whole}, -1) over (order by id)', 'rank() over (order by {whole})', 'dense_rank() over (partition by {truth} order by {text})', 'row_number() over (order by {double}, id)', 'row_number() over ()', 'count({whole}) over (partition by {truth})', 'count(*) over (order by {whole})', 'max({whole}) over (order by id rows between 1 preceding and 1 following)', 'min({whole}) over (partition by {truth} order by id)', 'first_value({whole}) over (order by id)', 'sum(i2) over (order by id rows between 2 preceding and current row exclude current row)', 'sum(i1) over (order by i1 groups 1 preceding)', 'sum(i4) over (order by {whole} range between 1 preceding and current row)', '(select max(k) from q where q.id = r.id)', '(select count(*) from q where q.k < r.i4)'],
  },
  decimal: {
    plain: ['d1', 'd2', 'd3', '1.5', '0.005', '-2.50', 'null', '0.00000000000000000000000000000000000001', "cast('1.50' as decimal(9,2))", "try_cast('1.005' as decimal(9,2))"],
    made: ['{decimal} + {decimal}', '{decimal} - {decimal}', '{decimal} * {decimal}', 'd1 * d3', 'd1 * {whole}', '-({decimal})', 'abs({decimal})', '{decimal} % 2', 'coalesce({decimal}, 0)', 'nullif({decimal}, 2.5)', 'case when {truth} then {decimal} else {decimal} end', 'try_cast({decimal} as decimal(9,1))', 'try_cast({decimal} as decimal(38,2))', 'try_cast({whole} as decimal(18,2))', 'try_cast({double} as decimal(9,2))', 'round({decimal}, 1)', 'round({decimal}, -1)', 'ceil({decimal})', 'floor({decimal})', 'trunc({decimal})', 'sum(d1) over (order by id)', 'max({decimal}) over (partition by {truth})', 'avg(d1) over (order by id)', 'greatest({decimal}, 1)', '(select sum(d) from q where q.id <= r.id)'],
  },
  double: {
    plain: ['x', 'cast(d1 as double)', '1e3', '0.1::double', 'null', '1e-300', "cast('NaN' as double)", "try_cast('inf' as double)", "try_cast(' 1.5' as double)", 'f::double'],
    made: ['{double} + {double}', '{double} - {double}', '{double} * {double}', '{double} / {double}', '{double} / 3', '{whole} / 2', '{whole} / nullif({whole}, 0)', '{decimal} / 2', '{double} / nullif({double}, 0)', '-({double})', 'abs({double})', 'cast({whole} as double)', 'cast({decimal} as double)', 'cast(f as double)', 'coalesce({double}, 0)', 'nullif({double}, 0)', 'case when {truth} then {double} else {whole} end', 'sqrt(abs({double}))', 'exp(1)', 'ln(abs({double}))', 'power({double}, 2)', 'round({double}, 2)', 'ceil({double})', 'trunc({double})', 'greatest({double}, {double})', 'avg(i4) over (order by id)', 'avg(i8) over (order by id)', 'sum(x) over (order by id)', 'max({double}) over (order by id)', 'lag({double}) over (order by id)', 'median(i4) over ()'],
  },
  float: { plain: ['f', '0.1::float'], made: ['f + f', 'f * 2', '-f', 'try_cast({double} as float)', 'abs(f)', 'coalesce(f, 0)'] },
  text: {
    plain: ['s', 'z', "''", "'a'", "'é😀'", "'it''s'", '$$it\'s$$', "'\\'", "'a\\nb'", "e'a\\tb'", 'null::varchar', "'%'", "' '"],
    made: ['{text} || {text}', '{text} || {whole}', '{text} || {day}', 'substr({text}, 1, 2)', 'substr({text}, 2)', 'substr({text}, -2)', 'substr({text}, 0, 2)', 'substring({text} from 2 for 1)', 'left({text}, 2)', 'right({text}, 1)', "replace({text}, 'a', 'zz')", "replace({text}, '', 'q')", 'replace({text}, {text}, {text})', "concat_ws('-', {text}, {text})", 'concat_ws({text}, {text}, {whole})', 'concat({text}, {text})', "trim({text}, ' ')", 'trim({text})', "ltrim({text}, ' ')", 'upper({text})', 'lower({text})', 'md5({text})', 'sha256({text})', 'reverse({text})', "lpad({text}, 3, 'x')", 'repeat({text}, 2)', "split_part({text}, ' ', 1)", "regexp_replace({text}, 'a', 'b')", "regexp_extract({text}, '[a-z]')", 'coalesce({text}, {text})', "nullif({text}, '')", 'case when {truth} then {text} else {text} end', "case {text} when '' then 'e' else {text} end", 'cast({whole} as varchar)', 'cast({truth} as varchar)', 'cast({day} as varchar)', 'cast({decimal} as varchar)', 'cast({double} as varchar)', 'cast({time} as varchar)', 'strftime({time}, \'%Y\')', 'greatest({text}, {text})', 'lag({text}, 1, {text}) over (order by id)', 'max({text}) over (partition by {truth})', '{text} collate nocase', "format('{}', {text})", 'chr(65)'],
  },
  truth: {
    plain: ['b', 'true', 'false', 'null::boolean', "cast('true' as boolean)", "try_cast('yes' as boolean)"],
    made: ['{whole} = {whole}', '{whole} < {whole}', '{whole} <> {decimal}', '{decimal} >= {decimal}', '{double} = {double}', '{double} > {whole}', '{float} = 0.1', '{float} > {double}', '{text} = {text}', '{text} < {text}', '{day} > {day}', '{day} = {time}', '{time} <= {time}', '{truth} = {truth}', 'l = l', "{whole} = '7'", "{day} > '2000-01-01'", '{whole} between {whole} and {whole}', '{double} between 0 and 1', '{text} not between {text} and {text}', '{whole} in (1, 2, null)', '{whole} not in (1, 7)', '{double} in (0.1, 2.5)', "{text} in ('a', '', {text})", '{whole} in (select k from q)', '{whole} not in (select id from q)', '{text} in (select name from q)', '{double} in (select x from q)', 'exists (select 1 from q where q.id = {whole})', '{whole} > all (select k from q where k is not null)', '{truth} and {truth}', '{truth} or {truth}', 'not ({truth})', '{truth} is true', '{truth} is not false', '{whole} is null', '{text} is not null', '{whole} is distinct from {whole}', '{text} is not distinct from {text}', '{double} is distinct from {double}', "{text} like '%a%'", "{text} not like '_'", "{text} like 'a\\%'", '{text} like {text}', "{text} ilike 'A%'", "{text} similar to 'a.*'", "regexp_matches({text}, '^[a-z]+')", "regexp_matches({text}, '\\s')", "regexp_matches({text}, '\\d')", "regexp_matches({text}, '\\w')", "regexp_matches({text}, 'a|B')", "regexp_matches({text}, '[^ -~]')", "regexp_matches({text}, 'b$')", "regexp_matches({text}, 'a.b')", "regexp_matches({text}, '(?i)A')", "starts_with({text}, 'a')", "contains({text}, 'a')", 'isnan({double})', 'list_contains(l, 2)', 'case when {truth} then {truth} else {truth} end', 'coalesce({truth}, false)', 'try_cast({text} as boolean)', 'cast({whole} as boolean)', 'bool_or({truth}) over ()'],
  },
  day: {
    plain: ['day', "date '2024-02-29'", "date '1970-01-01'", "cast('2024-02-29' as date)", "try_cast('2024-01-01 12:00:00' as date)", 'null::date', "date '9999-12-31'"],
    made: ["cast(date_trunc('month', {day}) as date)", "cast(date_trunc('week', {time}) as date)", "cast(date_trunc('quarter', {day}) as date)", "date_trunc('year', {day})", 'cast({time} as date)', 'cast(ts as date)', 'coalesce({day}, {day})', 'case when {truth} then {day} else {day} end', "nullif({day}, date '1970-01-01')", "date '2024-01-01' + i2", 'i1 + date \'2024-01-01\'', '{day} - 1', 'last_day({day})', 'try_cast({text} as date)', 'max({day}) over (partition by {truth})', 'lag({day}) over (order by id)', 'make_date(2024, 1, 1)'],
  },
  time: {
    plain: ['n', "timestamp '2024-02-29 12:34:56.789'", 'null::timestamp', "cast('2024-02-29 00:00:00' as timestamp)", "try_cast('2024-01-01T00:00:00Z' as timestamp)"],
    made: ['cast({day} as timestamp)', 'cast(ts as timestamp)', 'coalesce({time}, {time})', 'case when {truth} then {time} else {day} end', "date_trunc('hour', {time})", '{time} + interval 1 month', '{time} - interval 1 day', 'min({time}) over (partition by {truth})', 'cast({time} as timestamptz)', "{time} at time zone 'Europe/Berlin'"],
  },
  instant: { plain: ['ts', "timestamptz '2024-01-01T00:00:00Z'", "timestamptz '2024-01-01 00:00:00+02'"], made: ['coalesce(ts, {instant})', 'cast({day} as timestamptz)', 'case when {truth} then ts end', 'max(ts) over (partition by {truth})', 'ts + interval 1 hour'] },
}

const KINDS = Object.keys(SAID)

/** Expressions over the odd rows, always the same for a seed: some of each construct by itself, some of two or three within each other. */
export function oddExpressions(seed: number, count: number): readonly string[] {
  const next = random(seed)
  const one = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!
  const said = (kind: string, depth: number): string => {
    const { plain, made } = SAID[kind]!
    if (depth <= 0 || next() < 0.15) return one(plain)
    const text = one(made).replaceAll(/\{([a-z]+)\}/g, (_, inner: string) => said(inner, depth - 1))
    return `(${text})`
  }
  const found = new Set<string>(KINDS.flatMap(kind => [...SAID[kind]!.plain, ...SAID[kind]!.made.map(text => text.replaceAll(/\{([a-z]+)\}/g, (_, inner: string) => SAID[inner]!.plain[0]!))]))
  for (const size = found.size * 2; found.size < size;) found.add(said(one(KINDS), next() < 0.6 ? 1 : 2))
  return sample([...found], count, next)
}

/** So many of them, in another order. */
export function sample(of: readonly string[], count: number, next: () => number): readonly string[] {
  return of.map(text => ({ text, by: next() })).toSorted((a, b) => a.by - b.by).slice(0, count).map(({ text }) => text)
}

/** Mulberry's generator. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
