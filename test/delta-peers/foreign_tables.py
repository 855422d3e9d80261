"""Makes tables of every kind that Spark and delta-rs can write, and tells of each version what they read there: rows as parquet, schema as JSON."""
import json
import os
import shutil
import sys

import pyarrow.parquet

OUT, JARS, ONLY = sys.argv[1], sys.argv[2], set(sys.argv[3].split(",")) if len(sys.argv) > 3 and sys.argv[3] else None
TABLES = {}


def props(**properties):
    return "tblproperties (" + ", ".join(f"'delta.{key.replace('__', '.')}' = '{value}'" for key, value in properties.items()) + ")"


def table(name, *statements, **options):
    """Statements are SQL with {t} for the table, {p} for its path and {o} for the folder of all tables, or functions of (spark, path)."""
    TABLES[name] = (statements, options)


DV = props(enableDeletionVectors="true")
MAPPED = props(columnMapping__mode="name")

# What columns may be.
table("identity", lambda spark, path: with_identity(spark, path, {}),
      "insert into {t} (v) values ('a'), ('b')", "insert into {t} (other, v) values (100, 'c')", "insert into {t} (v) values ('d')")
table("defaults",
      "create table {t} (a int, b string default 'it''s', c timestamp default timestamp'2020-01-01 10:00:00', d int default 1 + 2) using delta " + props(feature__allowColumnDefaults="supported"),
      "insert into {t} (a) values (1)", "insert into {t} values (2, default, null, 7)", "alter table {t} alter column a set default 9", "insert into {t} (b) values ('only b')")
table("generated",
      lambda spark, path: builder(spark, path).addColumn("ts", "timestamp").addColumn("day", "date", generatedAlwaysAs="cast(ts as date)").addColumn("y", "int", generatedAlwaysAs="year(ts)").addColumn("up", "string", generatedAlwaysAs="upper(s)").addColumn("s", "string").partitionedBy("day").execute(),
      "insert into {t} (ts, s) values (timestamp'2024-02-29 23:59:59.999999', 'x'), (timestamp'1969-12-31 23:00:00', null), (null, 'ß')")
table("constraints",
      "create table {t} (a int not null, b struct<x: int not null, y: string>, c double) using delta", "alter table {t} add constraint positive check (a > 0 and c < 100)",
      "insert into {t} values (1, struct(1, 'y'), 3.5), (2, struct(2, null), -1e300)")
table("mapped_by_name",
      "create table {t} (a int, b struct<x: int, y: struct<z: string, w: int>>, p string, l array<struct<k: int, v: string>>) using delta partitioned by (p) " + MAPPED,
      "insert into {t} values (1, struct(1, struct('z', 2)), 'p1', array(struct(1, 'v'))), (2, null, null, null)",
      "alter table {t} rename column a to `new a`", "alter table {t} rename column b.y.z to zz", "alter table {t} rename column p to part",
      "insert into {t} values (3, struct(5, struct('q', 6)), 'p=2', array(null, struct(null, 'e')))",
      "alter table {t} drop column b.x", "alter table {t} add columns (c decimal(38, 10) after `new a`)", "alter table {t} alter column l first", "alter table {t} add columns (l.element.m int)",
      "insert into {t} select array(struct(1, 'x', 2)), 4, 1.5, struct(struct('k', 1)), 'p3'", "alter table {t} drop column c", "alter table {t} add columns (c string)", "insert into {t} values (null, 5, null, 'p4', 'again')")
table("mapped_by_id", "create table {t} (a int, b map<string, struct<x: int>>, c string) using delta " + props(columnMapping__mode="id"),
      "insert into {t} values (1, map('k', struct(1)), 'c')", "alter table {t} rename column a to aa", "alter table {t} drop column c", "alter table {t} add columns (c int)", "insert into {t} values (2, map('l', struct(2), 'm', null), 7)")
table("mapped_later", "create table {t} (a int, b struct<x: int>, p date) using delta partitioned by (p)", "insert into {t} values (1, struct(1), date'2024-01-01')",
      "alter table {t} set " + props(columnMapping__mode="name", minReaderVersion="2", minWriterVersion="5"), "alter table {t} rename column a to z", "alter table {t} rename column b.x to `b x`", "insert into {t} values (2, struct(2), null)",
      "delete from {t} where z = 1", "optimize {t}")
table("odd_names", "create table {t} (`a b` int, `a,b;{{}}()=` int, `ä😀` int, `a.b` int, `a``b` int, `\"q\"` int, `select` int, file_index int, filename string, file_row_number bigint, `c0` int, __t int, `#` int, `p q=%` string) using delta partitioned by (`p q=%`) " + MAPPED,
      "insert into {t} values (1, 2, 3, 4, 5, 6, 7, 8, 'f', 9, 10, 11, 12, 'x'), (null, null, null, null, null, null, null, null, null, null, null, null, null, null)",
      "delete from {t} where `a b` is null")
table("plain_odd_names", "create table {t} (`ä` int, `a.b` int, `x-y` int, `\"q\"` int, `it's` int, select int, rows int, filename string, file_row_number bigint, `P` string) using delta partitioned by (`P`)",
      "insert into {t} values (1, 2, 3, 4, 5, 6, 7, 'f', 8, 'x'), (1, 2, 3, 4, 5, 6, 7, 'f', 8, 'Y')")
table("nested",
      "create table {t} (m map<string, struct<a: array<struct<x: int, y: map<string, array<decimal(38,10)>>>>>>, aa array<array<map<int, string>>>, k map<struct<a: int, b: date>, boolean>, s struct<n: struct<t: timestamp, u: timestamp_ntz, b: binary>>) using delta",
      "insert into {t} values (map('k', struct(array(struct(1, map('q', array(1.5, null))), null)), 'n', null), array(array(map(1, 'a'), null), null, array()), map(struct(1, date'2024-01-01'), true), struct(struct(timestamp'2024-01-01 00:00:00.000001', timestamp_ntz'1900-01-01 00:00:00', X'00FF')))",
      "insert into {t} values (map(), array(), map(), null), (null, null, null, struct(null)), (map('e', struct(array())), array(null), map(struct(null, null), null), struct(struct(null, null, null)))")
table("nested_evolved", "create table {t} (id int, s struct<a: int>, l array<struct<a: int>>, m map<string, struct<a: int>>) using delta", "insert into {t} values (1, struct(1), array(struct(1)), map('k', struct(1)))",
      "alter table {t} add columns (s.b string, l.element.b string, m.value.b array<int>)", "insert into {t} values (2, struct(2, 'b'), array(struct(2, 'b')), map('k', struct(2, array(1))))", "alter table {t} add columns (s.a0 int first)", "insert into {t} values (3, struct(0, 3, 'c'), null, null)")
table("primitives",
      "create table {t} (b byte, s short, i int, l bigint, f float, d double, dd decimal(38,18), d0 decimal(38,0), d9 decimal(9,2), t string, bi binary, bo boolean, da date, ts timestamp, n timestamp_ntz) using delta",
      "insert into {t} values (-128, -32768, -2147483648, -9223372036854775808, float('-inf'), double('-inf'), -99999999999999999999.999999999999999999, -99999999999999999999999999999999999999, -9999999.99, '', X'', false, date'0001-01-01', timestamp'0001-01-01 00:00:00', timestamp_ntz'0001-01-01 00:00:00')",
      "insert into {t} values (127, 32767, 2147483647, 9223372036854775807, float('nan'), double('nan'), 99999999999999999999.999999999999999999, 99999999999999999999999999999999999999, 9999999.99, repeat('\\uD83D\\uDE00ä', 40), X'00FF10', true, date'9999-12-31', timestamp'9999-12-31 23:59:59.999999', timestamp_ntz'9999-12-31 23:59:59.999999')",
      "insert into {t} values (0, 0, 0, 0, float('-0.0'), double('-0.0'), 0.000000000000000001, 0, 0.01, 'a\\u0000b', X'61', null, date'1582-10-10', timestamp'1582-10-10 12:00:00', timestamp_ntz'1582-10-10 12:00:00'), (1, 1, 1, 1, float('inf'), double('4.9E-324'), 1, 1, 1, '\\uFFFF', null, null, date'1970-01-01', timestamp'1969-12-31 23:59:59.999999', timestamp_ntz'1969-12-31 23:59:59.999999')",
      "insert into {t} (b) values (null)")
table("char_and_varchar", "create table {t} (c char(2), v varchar(3), l array<varchar(2)>) using delta", "insert into {t} values ('ab', 'abc', array('x')), (null, null, null)")
table("deep_mapped", "create table {t} (a array<struct<m: map<string, struct<x: int, y: array<struct<q: string, r: int>>>>>>, p date) using delta partitioned by (p) " + MAPPED,
      "insert into {t} values (array(named_struct('m', map('k', named_struct('x', 1, 'y', array(named_struct('q', 'q', 'r', 2)))))), date'2024-01-01')",
      "alter table {t} rename column a.element.m.value.y.element.q to `q.q`", "alter table {t} drop column a.element.m.value.x", "alter table {t} add columns (a.element.m.value.z string)",
      "insert into {t} values (array(named_struct('m', map('l', named_struct('y', array(named_struct('q.q', 'Q', 'r', 3)), 'z', 'zz'))), null), null)")
table("all_at_once", "create table {t} (a int, b timestamp_ntz, c string) using delta cluster by (a, b) " + props(enableDeletionVectors="true", enableInCommitTimestamps="true", checkpointPolicy="v2", enableChangeDataFeed="true", checkpointInterval="2", enableTypeWidening="true", columnMapping__mode="name", feature__vacuumProtocolCheck="supported"),
      "insert into {t} select /*+ coalesce(1) */ id, timestamp_ntz'2024-01-01 00:00:00' + make_dt_interval(id), concat('c', id) from range(200)", "delete from {t} where a % 3 = 0", "alter table {t} alter column a type bigint", "update {t} set c = 'u' where a < 30", "alter table {t} rename column c to `c c`", "optimize {t} full",
      "merge into {t} t using (select 5000000000 as a, timestamp_ntz'2020-01-01 00:00:00' as b, 'n' as c) s on t.a = s.a when not matched then insert (a, b, `c c`) values (s.a, s.b, s.c)")
table("default_of_widened", "create table {t} (a int, b decimal(5,2) default 1.5) using delta " + props(feature__allowColumnDefaults="supported", enableTypeWidening="true"), "insert into {t} (a) values (1)", "alter table {t} alter column b type decimal(10,4)", "insert into {t} (a) values (2)", "alter table {t} add columns (c string)", "alter table {t} alter column c set default 'x'", "insert into {t} (a) values (3)")
table("least_numbers", "create table {t} (f float, d double, s smallint, b tinyint, dc decimal(1,1), dl decimal(38,38)) using delta", "insert into {t} values (float('1e-45'), 4.9e-324, -1, 1, 0.9, 0.00000000000000000000000000000000000001)", "insert into {t} values (float('3.4028235e38'), 1.7976931348623157e308, 0, 0, -0.9, -0.99999999999999999999999999999999999999)")
table("char_partitions", "create table {t} (a int, c char(5), v varchar(5)) using delta partitioned by (c)", "insert into {t} values (1, 'ab', 'x '), (2, null, null), (3, 'ab   ', '')")
table("collated", "create table {t} (a string collate utf8_lcase, b string) using delta", "insert into {t} values ('Ab', 'x'), ('aB', 'y'), ('z', null)", conf={"spark.databricks.delta.schema.typeCheck.enabled": "false"})
table("void_column", "create table {t} using delta as select 1 as a, null as nothing", "insert into {t} values (2, null)", "alter table {t} add columns (s struct<a: int>)")
table("variant", "create table {t} (id int, v variant) using delta", "insert into {t} select 1, parse_json('{{\"a\": [1, null]}}')")
table("no_rows", "create table {t} (a int, p string) using delta partitioned by (p)")
table("comments", 'create table {t} (a int comment "it is \'a\'") using delta comment "a table"', "insert into {t} values (1)", "alter table {t} alter column a comment 'ö'")

# Where values stand in paths.
ODD = ["' '", "'a b'", "'a%b'", "'%20'", "'a=b'", "'a:b'", "'a/b'", "'ü'", "'😀'", "''", "null", "'__HIVE_DEFAULT_PARTITION__'", "'a\\nb'", "'a\\tb'", "\"it's\"", "'\"q\"'", "'a\\\\b'", "'a?b'", "'a#b'", "'a+b'", "'..'", "'a&b'", "'x '", "'null'", "'NULL'", "'a*b'", "'[a]'", "'{{a}}'", "'a|b'", "'a^b'", "'a;b,c'", "'\\u0001'", "'~'"]
table("odd_partitions", "create table {t} (i int, p string) using delta partitioned by (p)", "insert into {t} values " + ", ".join(f"({i}, {value})" for i, value in enumerate(ODD)), "delete from {t} where i = 3", "update {t} set i = -i where p = 'a/b' or p is null")
table("odd_partitions_marked", "create table {t} (i int, p string) using delta partitioned by (p) " + DV, "insert into {t} select i * 100 + j, p from (values " + ", ".join(f"({i}, {value})" for i, value in enumerate(ODD)) + ") as v(i, p) lateral view explode(array(1, 2, 3)) as j", "delete from {t} where i % 3 = 0")
TYPED = {"bo": ("boolean", "true, false, null"), "by": ("byte", "-128, 0, null"), "sh": ("short", "7, -7, null"), "it": ("int", "1, -1, null"), "bi": ("bigint", "9223372036854775807, -1, null"), "fl": ("float", "float('nan'), float('1.1'), float('-0.0')"),
         "db": ("double", "double('nan'), double('-inf'), 1e300"), "dc": ("decimal(38,18)", "1.5, -0.000000000000000001, null"), "da": ("date", "date'0001-01-01', date'2024-02-29', null"),
         "ts": ("timestamp", "timestamp'2024-02-29 23:59:59.123456', timestamp'1969-12-31 23:59:59', null"), "nt": ("timestamp_ntz", "timestamp_ntz'2024-02-29 23:59:59.120000', timestamp_ntz'0001-01-01 00:00:00', null"), "bn": ("binary", "X'FF41', X'616263', null"), "st": ("string", "'a', '', null")}
for key, (kind, values) in TYPED.items():
    table(f"partitioned_by_{kind.split('(')[0]}", f"create table {{t}} (i int, p {kind}) using delta partitioned by (p)",
          "insert into {t} " + " union all ".join(f"select {i}, {value}" for i, value in enumerate(values.split(", "))))
table("partitions_elsewhere", lambda spark, path: elsewhere(spark, path))
table("mapped_partitions", "create table {t} (a int, p string, q int) using delta partitioned by (p, q) " + MAPPED, "insert into {t} values (1, 'x/y', 1), (2, null, null)", "alter table {t} rename column p to q2", "alter table {t} rename column q to p", "insert into {t} values (3, 'z', 3)")
table("prefixes", "create table {t} (a int, p string) using delta partitioned by (p) " + props(randomizeFilePrefixes="true"), "insert into {t} values (1, 'x'), (2, 'a b')")
table("with space%20and=ü/inner", "create table {t} (a int, p string) using delta partitioned by (p) " + DV, "insert into {t} values (1, 'x'), (2, 'a b'), (3, 'a b')", "delete from {t} where a = 2")

# Marked rows.
table("marked", "create table {t} (a bigint, b string) using delta " + DV, "insert into {t} select /*+ coalesce(1) */ id, concat('v', id) from range(100000)", "delete from {t} where a % 7 = 0", "delete from {t} where a between 500 and 90000",
      "update {t} set b = 'u' where a < 20", "merge into {t} t using (select id as a, 'm' as b from range(10, 30)) s on t.a = s.a when matched then update set * when not matched then insert *", "delete from {t} where a > 99990", "delete from {t}", "insert into {t} values (1, 'x')")
table("marked_and_restored", "create table {t} (a bigint) using delta " + DV, "insert into {t} select /*+ coalesce(1) */ id from range(1000)", "delete from {t} where a < 10", "delete from {t} where a > 990", "restore table {t} to version as of 2", "delete from {t} where a = 500", "optimize {t}", "restore table {t} to version as of 1", "reorg table {t} apply (purge)")
table("marked_mapped_changes", "create table {t} (a bigint, b string) using delta " + props(enableDeletionVectors="true", columnMapping__mode="name", enableChangeDataFeed="true"), "insert into {t} select /*+ coalesce(1) */ id, 'b' from range(50)", "delete from {t} where a < 10", "alter table {t} rename column b to c", "update {t} set c = 'x' where a > 40", "alter table {t} drop column c", "merge into {t} t using (select 1 as a) s on t.a = s.a when not matched then insert *")
table("marks_switched_off", "create table {t} (a int) using delta " + DV, "insert into {t} select /*+ coalesce(1) */ id from range(10)", "delete from {t} where a = 3", "alter table {t} set " + props(enableDeletionVectors="false"), "delete from {t} where a = 4")
table("many_row_groups", lambda spark, path: spark.range(0, 400000, 1, 1).selectExpr("id", "id % 10 as k").write.option("parquet.block.size", "65536").format("delta").option("delta.enableDeletionVectors", "true").save(path), "delete from {t} where id % 1000 = 999")

# Types that grew.
WIDER = [("byte", "short"), ("byte", "int"), ("byte", "bigint"), ("short", "int"), ("short", "bigint"), ("int", "bigint"), ("float", "double"), ("byte", "double"), ("short", "double"), ("int", "double"), ("byte", "decimal(10,0)"), ("short", "decimal(12,2)"), ("int", "decimal(10,0)"), ("int", "decimal(38,20)"), ("bigint", "decimal(20,0)"), ("bigint", "decimal(38,10)"), ("decimal(5,2)", "decimal(7,4)"), ("decimal(9,2)", "decimal(38,2)"), ("decimal(18,3)", "decimal(20,3)"), ("date", "timestamp_ntz")]
SAMPLE = {"byte": ["-128", "127"], "short": ["-32768", "32767"], "int": ["-2147483648", "2147483647"], "bigint": ["-9223372036854775808", "9223372036854775807"], "float": ["float('1.1')", "float('nan')"], "decimal(5,2)": ["-999.99", "0.01"], "decimal(9,2)": ["9999999.99", "-1"], "decimal(18,3)": ["999999999999999.999", "-0.001"], "date": ["date'1582-10-04'", "date'9999-12-31'"]}
wide = [f"c{i} {old}" for i, (old, _) in enumerate(WIDER)]
table("widened", "create table {t} (" + ", ".join(wide) + ") using delta " + props(enableTypeWidening="true", feature__timestampNtz="supported"),
      *[f"insert into {{t}} select " + ", ".join(f"cast({SAMPLE[old][k]} as {old})" for old, _ in WIDER) for k in (0, 1)],
      *[f"alter table {{t}} alter column c{i} type {new}" for i, (_, new) in enumerate(WIDER)],
      "insert into {t} select " + ", ".join("cast(date'2020-01-01' as timestamp_ntz)" if old == "date" else f"cast(7 as {new})" for old, new in WIDER))
table("widened_inside", "create table {t} (s struct<a: byte, l: array<short>>, m map<byte, float>, l array<struct<d: date>>) using delta " + props(enableTypeWidening="true", feature__timestampNtz="supported"),
      "insert into {t} select struct(cast(1 as byte), array(cast(2 as short), null)), map(cast(3 as byte), float('1.1')), array(struct(date'2024-02-29'))",
      "alter table {t} change column s.a type int", "alter table {t} change column s.l.element type bigint", "alter table {t} change column m.key type int", "alter table {t} change column m.value type double", "alter table {t} change column l.element.d type timestamp_ntz",
      "insert into {t} select struct(100000, array(5000000000)), map(100000, 1.1D), array(struct(timestamp_ntz'2024-01-01 10:00:00'))")
table("widened_marked_mapped", "create table {t} (a byte, f float, p short) using delta partitioned by (p) " + props(enableTypeWidening="true", enableDeletionVectors="true", columnMapping__mode="name"),
      "insert into {t} select /*+ coalesce(1) */ id, id / 10, id % 2 from range(100)", "delete from {t} where a % 5 = 0", "alter table {t} alter column a type int", "alter table {t} alter column f type double", "alter table {t} alter column p type bigint", "alter table {t} rename column a to aa", "insert into {t} values (100000, 0.1D, 5000000000)", "delete from {t} where aa = 7")

# Logs.
def log_of(count, marked=True):
    return [f"insert into {{t}} select id, concat('x', id % 3) from range({i * 10}, {i * 10 + 10})" for i in range(count)] + (["delete from {t} where a = 5"] if marked else [])


def checkpoint(spark, path):
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, path).checkpoint()


def forget_commits(upto):
    """Takes the commits before a version away, so that only the checkpoint can lead there."""
    def act(spark, path):
        for name in os.listdir(f"{path}/_delta_log"):
            if name.endswith((".json", ".json.crc", ".crc")) and name.split(".")[0].isdigit() and int(name.split(".")[0]) < upto and not ("checkpoint" in name):
                os.remove(f"{path}/_delta_log/{name}")
    return act


for kind in ("json", "parquet"):
    table(f"second_checkpoint_{kind}", "create table {t} (a bigint, p string) using delta partitioned by (p) " + props(checkpointPolicy="v2", enableDeletionVectors="true", checkpointInterval="100"),
          *log_of(3), checkpoint, *log_of(2, False), forget_commits(4), conf={"spark.databricks.delta.checkpointV2.topLevelFileFormat": kind, "spark.databricks.delta.checkpoint.partSize": "2"}, first=4)
table("checkpoint_in_parts", "create table {t} (a bigint, p string) using delta partitioned by (p) " + props(checkpointInterval="100"), *log_of(4), checkpoint, *log_of(1, False), forget_commits(5), conf={"spark.databricks.delta.checkpoint.partSize": "3"}, first=5)
table("struct_statistics", "create table {t} (a bigint, d decimal(38,18), t timestamp, s struct<x: double, y: string>, p date) using delta partitioned by (p) " + props(checkpoint__writeStatsAsStruct="true", checkpoint__writeStatsAsJson="false", checkpointInterval="100", enableDeletionVectors="true"),
      "insert into {t} select /*+ coalesce(1) */ id, 1.5, timestamp'2024-01-01', struct(0.5D, 'y'), date'2024-01-01' from range(10)", "insert into {t} values (null, null, null, null, null)", "delete from {t} where a = 3", checkpoint, "insert into {t} values (9007199254740993, 99999999999999999999.999999999999999999, timestamp'2024-01-01 00:00:00.123456', struct(1e300, 'z'), date'0001-01-01')", checkpoint, forget_commits(4), first=4)
table("indexed_columns", "create table {t} (a int, b int, c struct<x: int, y: int>, d string) using delta " + props(dataSkippingStatsColumns="c.y,d"), "insert into {t} values (1, 2, struct(3, 4), 'd')", "insert into {t} values (5, 6, struct(7, 8), null)")
table("no_statistics", "create table {t} (a int) using delta " + DV[:-1] + ", 'delta.dataSkippingNumIndexedCols' = '0')", "insert into {t} select /*+ coalesce(1) */ id from range(10)", "delete from {t} where a = 3", conf={"spark.databricks.delta.stats.collect": "false"})
table("own_times", "create table {t} (a int) using delta", "insert into {t} values (1)", "alter table {t} set " + props(enableInCommitTimestamps="true"), "insert into {t} values (2)", "insert into {t} values (3)")
table("row_tracking", "create table {t} (a int) using delta " + props(enableRowTracking="true"), "insert into {t} select /*+ coalesce(1) */ id from range(10)", "update {t} set a = 100 where a = 1", "delete from {t} where a = 2", "optimize {t}", checkpoint, "insert into {t} values (7)")
table("clustered", "create table {t} (a int, b string) using delta cluster by (a, b)", "insert into {t} select id, concat('b', id) from range(100)", "optimize {t}", "alter table {t} cluster by (b)", "insert into {t} values (1, 'x')", "alter table {t} cluster by none")
table("change_feed", "create table {t} (a int, p string) using delta partitioned by (p) " + props(enableChangeDataFeed="true"), "insert into {t} values (1, 'x'), (2, 'x'), (3, 'a b')", "update {t} set a = 20 where a = 2", "delete from {t} where a = 1", "merge into {t} t using (select 3 as a, 'a b' as p union all select 4, null) s on t.a = s.a when matched then delete when not matched then insert *", "insert overwrite {t} values (9, 'o')")
table("replaced", "create table {t} (a int, p string) using delta partitioned by (p)", "insert into {t} values (1, 'x')", lambda spark, path: replaced(spark, path, "select 's' as a, 1.5D as z"), "insert into {t} values ('t', -0.5)", lambda spark, path: replaced(spark, path, "select 1L as a, date'2024-01-01' as q", "q"))
table("retyped", "create table {t} (a int, b int) using delta", "insert into {t} values (1, 2)", lambda spark, path: spark.sql("select 'x' as b, true as a").write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(path))
table("overwritten_in_parts", "create table {t} (a int, p int) using delta partitioned by (p)", "insert into {t} values (1, 1), (2, 2), (3, null)", lambda spark, path: spark.sql("select 10 as a, 1 as p").write.format("delta").mode("overwrite").option("replaceWhere", "p = 1").save(path),
      lambda spark, path: spark.sql("select 30 as a, cast(null as int) as p").write.format("delta").mode("overwrite").option("partitionOverwriteMode", "dynamic").save(path))
table("source_of_clones", "create table {t} (a int, p string) using delta partitioned by (p) " + DV, "insert into {t} select /*+ coalesce(1) */ id, 'a b' from range(10)", "delete from {t} where a = 3", "insert into {t} values (100, null), (101, 'ü%')")
table("cloned", "create table {t} shallow clone delta.`{o}/source_of_clones`", "insert into {t} values (200, 'a b')", "delete from {t} where a = 4", "delete from {t} where a = 101", "optimize {t}")
table("clone_of_clone", "create table {t} shallow clone delta.`{o}/cloned` version as of 2", "update {t} set a = -1 where a = 5")
table("clone_of_odd_place", "create table {t} shallow clone delta.`{o}/with space%20and=ü/inner`", "delete from {t} where a = 3")
table("vacuumed", "create table {t} (a int, p string) using delta partitioned by (p) " + DV, "insert into {t} select /*+ coalesce(1) */ id, 'x' from range(10)", "delete from {t} where a = 3", "optimize {t}", "update {t} set a = 50 where a = 5", "reorg table {t} apply (purge)", "vacuum {t} retain 0 hours", first=-1)
table("converted", lambda spark, path: converted(spark, path))
table("streamed", lambda spark, path: streamed(spark, path))
table("feature_dropped", "create table {t} (a int) using delta " + props(enableDeletionVectors="true", columnMapping__mode="name"), "insert into {t} select /*+ coalesce(1) */ id from range(10)", "delete from {t} where a = 3", "alter table {t} drop feature deletionVectors", "insert into {t} values (11)", first=4)
table("iceberg_1", "create table {t} (a int, s string, p date) using delta partitioned by (p) " + props(enableIcebergCompatV1="true", columnMapping__mode="name"), "insert into {t} values (1, 'x', date'2024-01-01')")
table("iceberg_2", "create table {t} (a int, l array<struct<x: int>>, m map<string, array<int>>, t timestamp) using delta " + props(enableIcebergCompatV2="true", columnMapping__mode="name"), "insert into {t} values (1, array(struct(1)), map('k', array(1)), timestamp'2024-01-01 00:00:00.000001')")
table("legacy_protocol", "create table {t} (a int, b int) using delta " + props(minReaderVersion="1", minWriterVersion="4"), "insert into {t} values (1, 2)", "alter table {t} add constraint c check (a > 0)")
table("append_only_zordered", "create table {t} (a int, b int) using delta " + props(appendOnly="true"), "insert into {t} select id, 100 - id from range(100)", "insert into {t} values (7, 7)", "optimize {t} zorder by (a, b)")
for codec in ("gzip", "zstd", "lz4_raw", "uncompressed"):
    table(f"codec_{codec}", "create table {t} using delta as select id, cast(id as string) as s from range(1000)", conf={"spark.sql.parquet.compression.codec": codec})
table("old_timestamps", "create table {t} (a timestamp, p timestamp) using delta partitioned by (p)", "insert into {t} values (timestamp'2024-03-31 02:30:00', timestamp'2024-03-31 01:30:00'), (timestamp'1900-01-01 00:00:00', timestamp'1900-01-01 00:00:00')", conf={"spark.sql.parquet.outputTimestampType": "INT96", "spark.sql.session.timeZone": "Europe/Berlin"})
table("old_partition_times", "create table {t} (a int, p timestamp) using delta partitioned by (p)", "insert into {t} values (1, timestamp'2024-03-31 01:30:00.5'), (2, timestamp'2024-07-01 00:00:00')", conf={"spark.databricks.delta.write.utcTimestampPartitionValues": "false"})
EARLY = "insert into {t} select /*+ coalesce(1) */ * from values (0, date'2024-01-01', timestamp'2024-01-01 00:00:00.123456', named_struct('d', date'2024-01-01'), array(date'2024-01-01'), map(date'0900-02-28', timestamp'0900-02-28 01:00:00')), " \
    "(1, date'1582-10-14', timestamp'1582-10-14 12:00:00', named_struct('d', date'1582-10-04'), array(date'1500-02-28', date'1500-03-01'), map()), (2, date'0001-01-01', timestamp'0001-01-01 00:00:00', named_struct('d', date'0001-01-01'), array(date'1000-01-01'), null), " \
    "(3, date'1400-03-10', timestamp'1400-03-10 01:02:03.456789', named_struct('d', cast(null as date)), array(cast(null as date)), null), (4, date'1582-10-15', timestamp'1582-10-15 00:00:00', null, null, null), (5, date'1890-06-01', timestamp'1890-06-01 00:00:00', null, null, null), (6, null, null, null, null, null) as v(i, d, t, s, l, m)"
EARLY_COLUMNS = "create table {t} (i int, d date, t timestamp, s struct<d: date>, l array<date>, m map<date, timestamp>) using delta"
OLD_CALENDAR = {"spark.sql.parquet.datetimeRebaseModeInWrite": "LEGACY", "spark.sql.parquet.int96RebaseModeInWrite": "LEGACY"}


def as_written(spark, path):
    for key in OLD_CALENDAR:
        spark.conf.set(key, "CORRECTED")


table("old_calendar", EARLY_COLUMNS, EARLY, lambda spark, path: spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96"), EARLY, as_written, EARLY, conf=OLD_CALENDAR | {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"})
# Of days nothing is lost in any zone; of instants before 1900 it is.
table("old_calendar_of_days", "create table {t} (d date, t timestamp) using delta", "insert into {t} values (date'1400-03-10', timestamp'1900-01-01 10:00:00'), (date'0001-01-01', null)", conf=OLD_CALENDAR | {"spark.sql.session.timeZone": "America/Los_Angeles"})
table("old_lists", "create table {t} (l array<int>, m map<string, int>, s array<struct<a: int>>) using delta", "insert into {t} values (array(1, 2), map('a', 1), array(struct(1)))", "insert into {t} values (null, null, array())", conf={"spark.sql.parquet.writeLegacyFormat": "true"})
table("old_decimals", "create table {t} (a decimal(9,2), b decimal(18,4), c decimal(38,10)) using delta", "insert into {t} values (1.5, -2.5, 3.5), (null, null, null)", conf={"spark.sql.parquet.writeLegacyFormat": "true"})
table("case_of_names", "create table {t} (Id int, Name string) using delta partitioned by (NAME)", "insert into {t} (ID, name) values (1, 'x')", lambda spark, path: spark.sql("select 2 as ID, 'Y' as nAme").write.format("delta").mode("append").save(path))
table("merged_schema", "create table {t} (id int, s struct<a: int>) using delta", "insert into {t} values (1, struct(1))", lambda spark, path: spark.sql("select struct(2 as a, 'b' as b) as s, 2 as id, array(1) as l").write.format("delta").mode("append").option("mergeSchema", "true").save(path))
table("checkpointed_domains", lambda spark, path: with_identity(spark, path, {"delta.enableRowTracking": "true", "delta.checkpointInterval": "2"}), "insert into {t} (v) values ('1')", "insert into {t} (v) values ('2')", "insert into {t} (v) values ('3')", forget_commits(2), first=2)

# Where kinds meet.
MANY = {"bo": "boolean", "by": "byte", "sh": "short", "bi": "bigint", "fl": "float", "db": "double", "dc": "decimal(38,18)", "da": "date", "ts": "timestamp", "nt": "timestamp_ntz", "bn": "binary", "st": "string", "s t": "string"}
MANY_ROWS = ["1, true, -128Y, 7S, 9223372036854775807, float('1.1'), 1e300, 1.5, date'0001-01-01', timestamp'2024-02-29 23:59:59.123456', timestamp_ntz'0001-01-01 00:00:00', X'FF41', 'a/b:c=%25', ''",
             "2, false, 0Y, -7S, -1, float('nan'), double('-inf'), -0.000000000000000001, date'2024-02-29', timestamp'1969-12-31 23:59:59', timestamp_ntz'2024-02-29 23:59:59.120000', X'', \"it's \\\"q\\\"\", '😀\\n '",
             "3, null, null, null, null, null, null, null, null, null, null, null, null, null",
             "4, true, 127Y, 0S, 0, float('-0.0'), double('-0.0'), 0, date'9999-12-31', timestamp'9999-12-31 23:59:59.999999', timestamp_ntz'1582-10-10 12:00:00', X'5C7841', '__HIVE_DEFAULT_PARTITION__', 'NULL'"]
for mode in ("none", "name", "id"):
    table(f"many_partitions_{mode}", "create table {t} (i int, " + ", ".join(f"{f'`{name}`' if mode != 'none' else name.replace(' ', '_')} {kind}" for name, kind in MANY.items()) + ", v string) using delta partitioned by (" + ", ".join(f"`{name}`" if mode != "none" else name.replace(" ", "_") for name in MANY) + ") " + props(columnMapping__mode=mode, enableDeletionVectors=str(mode != "none").lower()),
          "insert into {t} " + " union all ".join(f"select {row}, 'v'" for row in MANY_ROWS), "insert into {t} " + " union all ".join(f"select {row}, 'w'" for row in MANY_ROWS), "update {t} set v = 'u' where st = 'a/b:c=%25' and v = 'w'",
          *(["alter table {t} rename column st to `s/t`", "alter table {t} rename column `s t` to st"] if mode != "none" else []), "delete from {t} where da is null and v = 'w'")
table("widened_partitions", "create table {t} (i int, a byte, b float, c date, d decimal(5,2), e short) using delta partitioned by (a, b, c, d, e) " + props(enableTypeWidening="true", feature__timestampNtz="supported"),
      "insert into {t} values (1, 1, float('1.1'), date'1582-10-04', 1.5, -7), (2, null, float('nan'), null, null, null)",
      "alter table {t} alter column a type int", "alter table {t} alter column b type double", "alter table {t} alter column c type timestamp_ntz", "alter table {t} alter column d type decimal(12,4)", "alter table {t} alter column e type decimal(20,3)",
      "insert into {t} values (3, 100000, 1.1D, timestamp_ntz'2024-01-01 10:00:00.5', 1.5001, 0.001), (4, 1, cast(float('1.1') as double), timestamp_ntz'1582-10-04 00:00:00', 1.5, -7)", "update {t} set i = 10 where a = 1 and i = 1")
table("generated_partitions", lambda spark, path: builder(spark, path).addColumn("ts", "timestamp").addColumn("s", "string").addColumn("y", "int", generatedAlwaysAs="year(ts)").addColumn("m", "int", generatedAlwaysAs="month(ts)").addColumn("day", "date", generatedAlwaysAs="cast(ts as date)").addColumn("h", "string", generatedAlwaysAs="substring(s, 1, 1)").partitionedBy("y", "m", "day", "h").execute(),
      "insert into {t} (ts, s) values (timestamp'2024-02-29 23:59:59.999999', 'xyz'), (timestamp'1969-12-31 23:00:00', null), (null, '😀b'), (timestamp'2024-03-01 00:00:00', '')", "update {t} set ts = timestamp'2025-01-01 00:00:00' where s = 'xyz'")
table("odd_rules", "create table {t} (a int, b string, c date, d double, s struct<x: int>) using delta", "insert into {t} values (1, 'x%', date'2024-01-01', 0.5, struct(1)), (5, null, null, null, null)",
      "alter table {t} add constraint one check (a in (1, 2, 5) or b like '%x\\\\_%' )", "alter table {t} add constraint `two` check (b is null or length(b) <= 5)", "alter table {t} add constraint three check (c between date'2000-01-01' and date'2030-12-31' or c is null)", "alter table {t} add constraint four check (not (d < 0) or d is null)", "insert into {t} values (2, 'ü😀', date'2000-01-01', double('nan'), null)")
table("plain_rules", "create table {t} (a int, b string, c date, d double, s struct<x: int>, p string) using delta partitioned by (p)", "insert into {t} values (1, 'x', date'2024-01-01', 0.5, struct(1), 'p'), (5, null, null, null, null, null)",
      "alter table {t} add constraint one check (a in (1, 2, 5))", "alter table {t} add constraint `two` check (b is null or length(b) <= 5)", "alter table {t} add constraint three check (c between date'2000-01-01' and date'2030-12-31' or c is null)", "alter table {t} add constraint four check (not (d < 0) or d is null)", "alter table {t} add constraint five check (s.x > 0 or s.x is null)", "insert into {t} values (2, 'ü😀', date'2000-01-01', double('nan'), null, 'a/b')")
table("everything_marked", "create table {t} (a int, p string, d date, v array<struct<m: map<string, struct<x: int, y: array<string>>>>>) using delta partitioned by (p, d) " + props(enableDeletionVectors="true", columnMapping__mode="name", checkpointInterval="3", enableInCommitTimestamps="true"),
      "insert into {t} select /*+ coalesce(1) */ id, if(id % 2 = 0, 'a/b', null), date'2024-01-01', array(null, struct(null), struct(map('k', struct(id, array('e', null)), 'n', null))) from range(20)", "delete from {t} where a in (4, 5)", "alter table {t} rename column p to `p p`", "alter table {t} rename column v.element.m.value.x to z", "delete from {t} where a > 17", "insert into {t} select id, 'x ', null, null from range(100, 103)", "merge into {t} t using (select 6 as a, 'a/b' as p union all select 200, '%') s on t.a = s.a when matched then update set d = date'0001-01-01' when not matched then insert (a, `p p`) values (s.a, s.p)", "restore table {t} to version as of 4", "reorg table {t} apply (purge)", "update {t} set a = -a where a = 1")
table("struct_statistics_mapped", "create table {t} (a bigint, s struct<x: double, y: string, t: timestamp_ntz>, dd decimal(20,4), p timestamp) using delta partitioned by (p) " + props(checkpoint__writeStatsAsStruct="true", checkpoint__writeStatsAsJson="false", checkpointInterval="100", columnMapping__mode="id", checkpointPolicy="v2"),
      "insert into {t} values (1, struct(0.5D, 'y', timestamp_ntz'1900-01-01 00:00:00.123456'), -1.5, timestamp'2024-01-01 00:00:00.5'), (2, null, null, null)", "alter table {t} rename column a to b", "alter table {t} rename column s.x to xx", "insert into {t} values (9007199254740993, struct(double('nan'), '\\uFFFF', null), 9999999999999999.9999, timestamp'0001-01-01 00:00:00')", checkpoint, forget_commits(4), first=4)
table("lately_timed", "create table {t} (a int, p int) using delta partitioned by (p) " + props(checkpointInterval="2"), "insert into {t} values (1, 1)", "insert into {t} values (2, 2)", "alter table {t} set " + props(enableInCommitTimestamps="true"), "insert into {t} values (3, 1)", "restore table {t} to version as of 1", "insert into {t} values (4, null)", "alter table {t} set " + props(enableInCommitTimestamps="false"), "insert into {t} values (5, 5)")
table("clustered_mapped", "create table {t} (a int, b string, s struct<x: int>) using delta cluster by (b, s.x) " + props(columnMapping__mode="name", enableDeletionVectors="true"), "insert into {t} select id, concat('b', id), struct(id) from range(30)", "alter table {t} rename column b to bb", "optimize {t}", "delete from {t} where a = 3", "insert into {t} values (-1, null, null)")
table("restored_over_schemas", "create table {t} (a int, p string) using delta partitioned by (p)", "insert into {t} values (1, 'x'), (2, 'y')", "alter table {t} add columns (b string)", "insert into {t} values (3, 'x', 'b')", "delete from {t} where p = 'y'", "restore table {t} to version as of 1", "insert into {t} values (9, null)")
table("mapping_dropped", "create table {t} (a int, `b c` int, p string) using delta partitioned by (p) " + MAPPED, "insert into {t} values (1, 2, 'x')", "alter table {t} rename column `b c` to b", "alter table {t} set " + props(columnMapping__mode="none"), "insert into {t} values (3, 4, 'y')")
table("widening_dropped", "create table {t} (a byte, p byte) using delta partitioned by (p) " + props(enableTypeWidening="true"), "insert into {t} values (1, 2)", "alter table {t} alter column a type int", "alter table {t} alter column p type int", "insert into {t} values (100000, 100000)", "alter table {t} drop feature typeWidening", "insert into {t} values (7, 7)")
table("checkpoints_dropped", "create table {t} (a int) using delta " + props(checkpointPolicy="v2", checkpointInterval="2"), "insert into {t} values (1)", "insert into {t} values (2)", "alter table {t} drop feature v2Checkpoint", "insert into {t} values (3)")
table("vacuumed_lightly", "create table {t} (a int, p string) using delta partitioned by (p) " + props(enableChangeDataFeed="true"), "insert into {t} values (1, 'x'), (2, 'a b')", "update {t} set a = 10 where a = 1", "delete from {t} where a = 2", "vacuum {t} retain 0 hours", "insert into {t} values (5, 'ü')", "update {t} set a = 6", "vacuum {t} lite retain 0 hours", first=-1)
table("converted_odd", lambda spark, path: converted_odd(spark, path), "alter table {t} add columns (c int)", "insert into {t} (a, d, p) values (9, date'2024-01-01', 3)")
table("nested_void", "create table {t} (a int, n void, s struct<x: int>) using delta", "insert into {t} values (1, null, struct(1))", "alter table {t} add columns (b string)", "insert into {t} values (2, null, null, 'b')", "delete from {t} where a = 1")
table("variants_beside", "create table {t} (a int, v variant, p string) using delta partitioned by (p)", "insert into {t} select id, parse_json(concat('[', id, ']')), if(id = 1, 'x', null) from range(3)", "delete from {t} where a = 0")
table("lengths", "create table {t} (a int, c char(3), v varchar(3), l array<varchar(2)>, s struct<c: char(2), m: map<varchar(2), char(2)>>, k array<struct<c: char(2), x: int>>, p varchar(4), q char(3)) using delta partitioned by (p, q)",
      "insert into {t} values (1, 'a', 'abc', array('x', null, 'yy'), struct('c', map('k', 'v')), array(struct('c', 1), null), 'p', 'q'), (2, 'ab ', 'ab ', array('x '), struct('d ', map('k ', 'v')), null, 'pq ', 'q '), (3, null, null, null, null, null, null, null), (4, '😀😀😀', '😀😀😀', array('😀😀'), null, array(), '😀😀', '😀')", "update {t} set c = 'z' where a = 1")


def by_delta_rs(name, *steps):
    """Tables of the other writer: steps are functions of (deltalake, pyarrow, path)."""
    def act(spark, path):
        import deltalake
        import pyarrow
        for step in steps:
            step(deltalake, pyarrow, path)
    TABLES[name] = ((act,), {})


by_delta_rs("rs_partitions", lambda dl, pa, path: dl.write_deltalake(path, pa.table({"a": pa.array(range(14)), "p": pa.array(["a b", "a/b", "a=b", "a%20b", "ü", "😀", None, ".", "a:b", "a?b#c", "it's", "a\\b", "x ", "a+b"]), "q": pa.array([1, None] * 7, pa.int32())}), partition_by=["p", "q"]), lambda dl, pa, path: dl.DeltaTable(path).delete("a = 3"), lambda dl, pa, path: dl.DeltaTable(path).optimize.compact())
by_delta_rs("rs_typed_partitions", lambda dl, pa, path: dl.write_deltalake(path, pa.table({"a": pa.array([1, 2]), "ts": pa.array([1709251199123456, None], pa.timestamp("us", tz="UTC")), "nt": pa.array([1709251199000000, None], pa.timestamp("us")), "d": pa.array([-719162, 0], pa.date32()), "b": pa.array([True, None]), "dc": pa.array([1, None], pa.decimal128(10, 2)), "bi": pa.array([b"\x01a", None]), "fl": pa.array([1.5, None])}), partition_by=["ts", "nt", "d", "b", "dc", "bi", "fl"]))


def builder(spark, path):
    from delta.tables import DeltaTable
    return DeltaTable.create(spark).location(path)


def with_identity(spark, path, properties):
    from delta.tables import IdentityGenerator
    made = builder(spark, path).addColumn("id", "bigint", generatedAlwaysAs=IdentityGenerator(10, 5)).addColumn("other", "bigint", generatedByDefaultAs=IdentityGenerator(-1, -1)).addColumn("v", "string")
    for key, value in properties.items():
        made = made.property(key, value)
    made.execute()


def replaced(spark, path, query, partition=None):
    writer = spark.sql(query).write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    (writer.partitionBy(partition) if partition else writer.partitionBy()).save(path)


def elsewhere(spark, path):
    """Files at absolute places, plain, as URIs and encoded."""
    import glob
    import time
    spark.sql(f"create table delta.`{path}` (a int, p string) using delta partitioned by (p)")
    outside = f"{OUT}/outside of it/100%"
    spark.sql("select 1 as a union all select 2").coalesce(1).write.mode("overwrite").parquet(outside)
    [file] = glob.glob(f"{outside}/*.parquet")
    copies = []
    for i, name in enumerate(["one", "two three", "fo=ur", "fi%ve"]):
        copies.append(f"{outside}/{name}.parquet")
        shutil.copy(file, copies[-1])
    from urllib.parse import quote
    spelled = [quote(copies[0]), "file://" + quote(copies[1]), "file:" + quote(copies[2]), quote(copies[3])]
    with open(f"{path}/_delta_log/{1:020}.json", "w") as log:
        log.write(json.dumps({"commitInfo": {"timestamp": 0, "operation": "WRITE", "operationParameters": {}}}) + "\n")
        for i, name in enumerate(spelled):
            log.write(json.dumps({"add": {"path": name, "partitionValues": {"p": f"p{i}"}, "size": os.path.getsize(copies[i]), "modificationTime": 0, "dataChange": True}}) + "\n")


def converted(spark, path):
    spark.sql("select 1 as a, 'x y' as p union all select 2, null union all select 3, 'a=b%'").write.partitionBy("p").parquet(path)
    spark.sql(f"convert to delta parquet.`{path}` partitioned by (p string)")
    spark.sql(f"insert into delta.`{path}` values (4, 'x y')")


def converted_odd(spark, path):
    """Files of many types without a log, partitioned by what reads like numbers."""
    spark.sql("select 1 as a, date'1500-01-01' as d, cast(1.5 as decimal(9,2)) as m, array(struct(1 as x)) as l, map('k', timestamp'2024-01-01 00:00:00') as t, 1 as p union all select 2, null, null, null, null, null").write.partitionBy("p").parquet(path)
    spark.sql(f"convert to delta parquet.`{path}` partitioned by (p int)")


def streamed(spark, path):
    source = f"{OUT}/stream_source"
    spark.sql("select 1 as a").write.mode("append").parquet(source)
    query = spark.readStream.schema("a int").parquet(source).writeStream.format("delta").option("checkpointLocation", f"{OUT}/stream_checkpoint").trigger(availableNow=True).start(path)
    query.awaitTermination()


def session():
    from pyspark.sql import SparkSession
    builder = SparkSession.builder.master("local[2]").config("spark.jars", JARS)
    for key, value in {
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension", "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog", "spark.sql.warehouse.dir": f"{OUT}/warehouse",
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "2", "spark.databricks.delta.snapshotPartitions": "1", "spark.driver.memory": "1g", "spark.sql.session.timeZone": "UTC",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR", "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.databricks.delta.retentionDurationCheck.enabled": "false", "spark.databricks.delta.optimizeWrite.enabled": "false",
        # Each query is of a few rows and asked once: most of the time goes into compiling, of classes that Spark writes for it and of the machine's code for these.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m", "spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false", "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED", "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def told(spark, path, name, first):
    """What Spark reads at each version from the first that is to be read."""
    versions = {}
    log = spark._jvm.org.apache.spark.sql.delta.DeltaLog
    log.clearCache()
    newest = log.forTable(spark._jsparkSession, path).unsafeVolatileSnapshot().version()
    for version in range(newest if first < 0 else first, newest + 1):
        frame = spark.read.format("delta").option("versionAsOf", version).load(path)
        kept = [field for field in frame.schema.fields if field.dataType.typeName() not in ("void", "variant")]
        folder = f"{OUT}/expected/{name}/{version}"
        if kept:
            rows = frame.select(*["`" + field.name.replace("`", "``") + "`" for field in kept]).toArrow()
            os.makedirs(folder, exist_ok=True)
            # A write by Spark is a job with a commit of its own, and costs several times as much as the reading.
            pyarrow.parquet.write_table(rows, f"{folder}/rows.parquet", store_schema=False)
        versions[version] = {"rows": None if kept else frame.count(), "schema": [[field.name, json.loads(json.dumps(field.dataType.jsonValue()))] for field in frame.schema.fields], "folder": folder if kept else None}
    return versions


def main():
    spark = session()
    results = {}
    for name, (statements, options) in TABLES.items():
        if ONLY and name not in ONLY:
            continue
        path = f"{OUT}/{name}"
        for key, value in options.get("conf", {}).items():
            spark.conf.set(key, value)
        try:
            for statement in statements:
                if callable(statement):
                    statement(spark, path)
                else:
                    spark.sql(statement.format(t=f"delta.`{path}`", p=path, o=OUT))
            failed = None
        except Exception as error:
            failed = f"{type(error).__name__}: {error}"[:600]
        for key in options.get("conf", {}):
            spark.conf.unset(key)
        if "spark.sql.parquet.outputTimestampType" in options.get("conf", {}):
            spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        if "spark.sql.session.timeZone" in options.get("conf", {}):
            spark.conf.set("spark.sql.session.timeZone", "UTC")
        as_written(spark, path)
        try:
            results[name] = {"versions": told(spark, path, name, options.get("first", 0)), **({"failed": failed} if failed else {})}
        except Exception as error:
            results[name] = {"versions": {}, "failed": f"{failed}; read: {type(error).__name__}: {error}"[:900]}
        print(json.dumps({name: results[name].get("failed", "ok")}), flush=True)
        with open(f"{OUT}/tables.json", "w") as file:
            json.dump(results, file)
    spark.stop()


if __name__ == "__main__":
    main()
