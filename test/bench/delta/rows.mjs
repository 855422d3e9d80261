/** SELECT of rows with eight columns, from numbers. @param id an expression of the number `i` */
export const rowsOf = (range, id = 'i', at = "timestamptz '2024-01-01' + to_seconds(i)") => `select ${id} as id, 'name' || (i % 500000) as name, ${at} as ts, ((i * 137) % 10000000 / 100)::decimal(18, 2) as amount,
  (i % 1000)::integer as n, ['alpha', 'beta', 'gamma', 'delta', 'epsilon'][i % 5 + 1] as category, sqrt(i) as d, i % 3 = 0 as b from range(${range}) as r(i)`

/** Of a table of so many rows, a hundred thousand (or as many) that are spread over all of it. */
export const batchOf = (rows, count = 100_000, at = undefined) => rowsOf(count, `(i * 7919) % ${rows}`, at)

export const COLUMNS = ['id', 'name', 'ts', 'amount', 'n', 'category', 'd', 'b']
export const TARGET = 16 * 1024 * 1024
export const AS_FILES = `(format parquet, compression zstd, file_size_bytes ${TARGET}, overwrite)`
