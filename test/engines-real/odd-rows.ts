/** Rows at the edges of their types: NULL, NaN, infinities, both zeros, the ends of integers and years, decimals of 38 digits, signs of every width. */
export const ODD_ROWS = `
  create or replace temp table r as
  select id, i1::tinyint as i1, i2::smallint as i2, i4::integer as i4, i8::bigint as i8, d1::decimal(9,2) as d1, d2::decimal(38,10) as d2, d3::decimal(18,6) as d3, x::double as x, f::float as f, s, z, b, day, n, ts, l::integer[] as l from (values
    (1, 1, 1, 7, 9007199254740993, 1.25, 1234567890123456789012345678.0123456789, 0.000001, 2.5::double, 1.1::float, ' a  b ', 'x', true, date '2024-01-31', timestamp '2024-01-31 23:59:59.999999', timestamptz '2024-01-31 23:59:59.999999+00', [1, 2]),
    (2, -128, -32768, -7, -9223372036854775808, -1.25, -0.0000000001, -999999999999.999999, 'nan', 'nan', '', 'X', false, date '2024-02-29', timestamp '1582-10-04 00:00:00', timestamptz '1582-10-15 00:00:00+00', []),
    (3, 127, 32767, 2147483647, 9223372036854775807, 0.005, 0, 0.5, 'inf', 'inf', null, null, null, date '0001-01-01', timestamp '0001-01-01 00:00:00', null, null),
    (4, null, null, null, null, null, null, null, '-inf', '-inf', 'é😀ß', 'é', true, null, null, timestamptz '9999-12-31 23:59:59.999999+00', [null]),
    (5, 0, 0, 0, 0, 0, 1.5, 2.5, '-0.0', '-0.0', 'A' || chr(11) || 'b', 'ab', false, date '9999-12-31', timestamp '9999-12-31 23:59:59', timestamptz '1969-12-31 23:59:59.5+00', [3, null, 1]),
    (6, 2, 2, 2, 2, 2.50, 2.5, -2.5, 0.0, 0.0, 'it''s \\ %_', '%', null, date '1970-01-01', timestamp '1970-01-01 00:00:00.000001', timestamptz '1970-01-01 00:00:00+00', [2]),
    (7, 2, -2, -2, -3, 99999.99, -1.5, 3.141593, 1e308, '3.4e38'::float, '12', '١٢', true, date '2021-01-03', timestamp '2024-12-30 12:00:00', timestamptz '2024-12-30 12:00:00.123456+00', [2]),
    (8, -1, 3, 5, 100, -0.01, 0.1, 0.1, 4.9e-324, 1e-45, 'NULL', 'a' || chr(10) || 'b', false, date '2020-12-31', timestamp '2020-12-31 00:00:00', timestamptz '2020-12-31 23:59:59+00', [9]),
    (9, 5, 7, 3, 12345678901, 33.33, 7, 123.456, 0.1, 0.1, '  ', chr(160), true, date '1900-03-01', timestamp '1900-02-28 01:02:03', timestamptz '1900-01-01 00:00:00+00', [0, 0]),
    (10, 5, 7, 3, 12345678901, 33.33, 7, 123.456, 0.1, 0.1, 'straße', 'STRASSE', true, date '1900-03-01', timestamp '1900-02-28 01:02:03', timestamptz '1900-01-01 00:00:00+00', [0, 0])
  ) as v(id, i1, i2, i4, i8, d1, d2, d3, x, f, s, z, b, day, n, ts, l);
  create or replace temp table q as
  select id, k, name, x::double as x, d::decimal(9,2) as d from (values (1, 2, 'x', 2.5, 1.25), (1, 2, 'x', 2.5, 1.25), (2, null, null, null, null), (5, 7, 'é', 'nan'::double, 0.00), (null, 3, '', 0.0, -1.25), (10, -7, 'X', 'inf'::double, 33.33)) as v(id, k, name, x, d)`
