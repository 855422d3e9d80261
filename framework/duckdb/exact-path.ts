import { quoteLiteral } from '../vocabulary/sql.ts'

/** A file's path as a literal for `read_parquet` and its like, which would otherwise take `*`, `?` and `[` in it for patterns and read other files as well. */
export const exactPath = (path: string): string => quoteLiteral(path.replace(/[*?[]/g, '[$&]'))
