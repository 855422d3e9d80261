import { describe, expect, it } from 'vitest'
import { queryWithin } from '../../framework/project/query-within.ts'
import { statementsIn } from '../../framework/project/statements-in.ts'

describe('the query within a statement', () => {
  it.each([
    ['create table t as select 1', ' select 1'],
    ['CREATE OR REPLACE TEMP VIEW "a b"."c" AS\n(select 1)', '\n(select 1)'],
    ['-- a note\ncreate table if not exists größe as from t', ' from t'],
    ['create view v(a, "b c") as select 1, 2', 'select * from ( select 1, 2\n) as query(a, "b c")'],
    ['insert into s.t select 1', 'select 1'],
    ['insert or replace into t (a) values (1)', 'select * from (values (1)\n) as query(a)'],
    ['insert into t by name with q as (select 1) from q', 'with q as (select 1) from q'],
    ['select 1 -- create table t as', 'select 1 -- create table t as'],
    ['update t set a = 1', 'update t set a = 1'],
  ])('of %s', (statement, query) => {
    expect(queryWithin(statement)).toBe(query)
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
