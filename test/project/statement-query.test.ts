import { describe, expect, it } from 'vitest'
import { isQuery, statementQuery } from '../../framework/project/statement-query.ts'
import { statementsIn } from '../../framework/project/statements-in.ts'

const columnsOf = (path: readonly string[]) => (path.join('.') === 's.t' ? ['a', 'b'] : undefined)
/** With runs of spaces as one. */
const short = (sql: string) => sql.replaceAll(/\s+/g, ' ').trim()

describe('the query of a statement', () => {
  it.each([
    ['create table t as select 1', 'select 1', undefined, ['t']],
    ['CREATE OR REPLACE TEMP VIEW "a b"."c" AS\n(select 1)', '(select 1)', undefined, ['a b', 'c']],
    ['-- a note\ncreate table if not exists größe as from t', 'from t', undefined, ['größe']],
    ['create view v(a, "b ""c") as select 1, 2', 'select 1, 2', ['a', 'b "c'], ['v']],
    ['create table t as select 1 with no data', 'select 1', undefined, ['t']],
    ['create table t (a integer)', 'create table t (a integer)'],
    ['insert into s.t select 1, 2', 'select 1, 2', ['a', 'b']],
    ['insert into other select 1', 'select 1'],
    ['insert into s.t by name select 1 as b', 'select 1 as b'],
    ['insert into s.t (select 1, 2)', '(select 1, 2)', ['a', 'b']],
    ['insert or replace into t (a) values (1)', 'values (1)', ['a']],
    ['insert into t as x (a) select b from u join v on true on conflict do nothing returning *', 'select b from u join v on true', ['a']],
    ['insert into t by name with q as (select 1) from q', 'with q as (select 1) from q'],
    ['with q as (select 1) insert into t (a) select * from q', 'with q as (select 1) from ( select * from q )', ['a']],
    ['with q as (select 1) insert into t with r as (from q) from r', 'with q as (select 1) from ( with r as (from q) from r )'],
    ['select 1 -- create table t as', 'select 1 -- create table t as'],
    ['delete from t where a', 'delete from t where a'],
  ])('%s', (statement, sql, names: readonly string[] | undefined = undefined, creates: readonly string[] | undefined = undefined) => {
    const query = statementQuery(statement, columnsOf)
    expect({ ...query, sql: short(query.sql) }).toEqual({ sql, ...(names && { names }), ...(creates && { creates }) })
  })

  it('stands in the lines and columns of the statement', () => {
    expect(statementQuery('insert into t\n  select a,\n  b from u').sql).toBe('             \n  select a,\n  b from u')
    expect(statementQuery('with q as (select 1)\ninsert into t select b from q').sql).toBe('with q as (select 1)\nfrom (        select b from q\n)')
  })

  it.each([
    ["update t set a = 1, b = x || 'from' where x > 2", "select (1) as \"a\", (x || 'from') as \"b\" from t where x > 2"],
    ['update s.t as u set a = case when v.x is distinct from u.a then v.x end, "B" = default from v, w where v.id = u.id returning a', 'select (case when v.x is distinct from u.a then v.x end) as "a", (null) as "B" from s.t as u, v, w where v.id = u.id'],
    ['update t set a = x is distinct from y, b = (select max(z) from v where v.id = t.id)', 'select (x is distinct from y) as "a", ((select max(z) from v where v.id = t.id)) as "b" from t'],
    ['update t set (a, b) = (x, y) from v', 'select (x) as "a", (y) as "b" from t, v'],
    ['with q as (select 1 as x) update t set a = q.x from q', 'with q as (select 1 as x) select (q.x) as "a" from t, q'],
    ['update t set (a, b) = (select x, y from v)', 'update t set (a, b) = (select x, y from v)'],
  ])('%s', (statement, sql) => {
    expect(short(statementQuery(statement).sql)).toBe(sql)
  })

  it.each([
    ['merge into s.t using u on t.a = u.a when not matched then insert (b, a) values (u.x + 1, u.a)', 'select (u.x + 1) as "b", (u.a) as "a" from s.t join u on t.a = u.a'],
    ['merge into s.t as t using (select 1 as x) as u using (a) when matched and u.x > 0 then update set b = u.x when matched then delete when not matched by target then insert values (u.a, u.x)',
      'select (u.x) as "b" from s.t as t join (select 1 as x) as u using (a) where u.x > 0 union all by name select (u.a) as "a", (u.x) as "b" from s.t as t join (select 1 as x) as u using (a)'],
    ['merge into t using u on t.a = u.a when matched then update when not matched then insert by name', 'select * from u semi join t on t.a = u.a union all by name select * from u semi join t on t.a = u.a'],
    ['merge into t using u on t.a = u.a when matched then delete', 'merge into t using u on t.a = u.a when matched then delete'],
    ['merge into t using u on t.a = u.a when not matched then insert values (1)', 'merge into t using u on t.a = u.a when not matched then insert values (1)'],
  ])('%s', (statement, sql) => {
    expect(short(statementQuery(statement, columnsOf).sql)).toBe(sql)
  })

  it('is the statement where nothing else is to be had', () => {
    const statements = ['select 1', '(select 1) union (select 2)', 'with q as (select 1) from q', 'values (1)', 'pivot t on a', 'set a = 1', 'create view v as select 1', 'with q as (select 1) delete from t', 'update t set a = 1']
    expect(statements.map(isQuery)).toEqual([true, true, true, true, true, false, false, false, false])
  })
})

describe('the statements of a text', () => {
  it.each([
    ['select 1', ['select 1']],
    ['select 1; -- c', ['select 1']],
    ['select 1 -- c\n;', ['select 1 -- c\n']],
    ['-- a; b\nselect 1;;\n/* ; /* ; */ ; */ ;', ['-- a; b\nselect 1']],
    ["select ';', \"a;b\", 'it''s;', e'\\';' from t; select 2;", ["select ';', \"a;b\", 'it''s;', e'\\';' from t", ' select 2']],
    ['select $$ ; $$, $x$ $$; $x$', ['select $$ ; $$, $x$ $$; $x$']],
    ["select type'a;b' from t", ["select type'a;b' from t"]],
    ['', []],
    [' -- only\n/* that', []],
  ])('of %s', (text, statements) => {
    expect(statementsIn(text)).toEqual(statements)
  })
})
