import { inDialects, sql, type SqlFragment } from '#framework'

/** A whole number that stands for a key, the same in every rebuild and on every engine: the first 60 bits of its MD5. */
export const surrogateKey = (key: SqlFragment): SqlFragment => inDialects(
  sql`cast(concat('0x', substr(md5(${key}), 1, 15)) as bigint)`,
  { spark: sql`cast(conv(substr(md5(${key}), 1, 15), 16, 10) as bigint)`, trino: sql`from_base(substr(to_hex(md5(to_utf8(${key}))), 1, 15), 16)` },
)
