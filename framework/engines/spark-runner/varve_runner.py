"""Carries out one Varve job on Spark: a query over pinned tables becomes parquet files in a staging folder.

usage: spark-submit varve_runner.py SPEC

SPEC is the address of a JSON document: what to read, what to ask, where to leave the rows and the result. The runner makes files and no
table versions. It needs Python's standard library and pyspark, and for Delta tables the Delta jars on Spark's class path.
"""

import json
import re
import sys
import time
import traceback

CONFIGURATION = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Names are quoted as in DuckDB, and integers divide as they do there.
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.caseSensitive": "false",
    # What is left beside the rows would be taken for part of the table by who lists folders.
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


class Explained(Exception):
    """A mistake that a person can mend. The code names it."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Files:
    """The storage that Spark itself reads and writes: folders, S3, whatever the cluster has."""

    def __init__(self, spark):
        self.jvm = spark._jvm
        self.conf = spark._jsc.hadoopConfiguration()

    def _at(self, address):
        path = self.jvm.org.apache.hadoop.fs.Path(address)
        return path.getFileSystem(self.conf), path

    def read(self, address):
        system, path = self._at(address)
        stream = system.open(path)
        try:
            return bytes(self.jvm.org.apache.commons.io.IOUtils.toByteArray(stream)).decode("utf-8")
        finally:
            stream.close()

    def write_new(self, address, text):
        """Writes a file that must not be there yet: the result of an attempt is told once."""
        system, path = self._at(address)
        stream = system.create(path, False)
        try:
            stream.write(bytearray(text.encode("utf-8")))
        finally:
            stream.close()

    def below(self, address):
        system, path = self._at(address)
        if not system.exists(path):
            return []
        found, files = [], system.listFiles(path, True)
        while files.hasNext():
            status = files.next()
            name = status.getPath().getName()
            if name.endswith(".parquet") and not name.startswith(("_", ".")):
                found.append({"path": status.getPath().toString(), "bytes": status.getLen()})
        return sorted(found, key=lambda file: file["path"])


def run(spark, spec):
    """Does what the specification asks for, and returns the result as plain data."""
    started = time.time()
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    views = []
    try:
        for entry in spec["inputs"]:
            readable(spark, entry)
            views.append(entry["name"])
        answer = spark.sql(spec["sql"]) if "sql" in spec else made_by_script(spark, spec)
        rows = conformed(answer, spec.get("columns"))
        if "table" in spec:
            return dict(Table(spark, spec, views).made(rows), milliseconds=round((time.time() - started) * 1000), spark=spark.version)
        if spec.get("coalesce"):
            rows = rows.coalesce(int(spec["coalesce"]))
        rows.write.mode("errorifexists").parquet(spec["staging"])
        counts = {}
        if spec.get("counts"):
            counts = counted(spark, spec, views)
        return {
            "files": Files(spark).below(spec["staging"]),
            "columns": [{"name": field.name, "type": field.dataType.simpleString()} for field in rows.schema.fields],
            "counts": counts,
            "milliseconds": round((time.time() - started) * 1000),
            "spark": spark.version,
        }
    finally:
        for name in views:
            spark.sql("drop view if exists " + quoted(name))


def readable(spark, entry):
    """Makes an input readable under its name: a Delta table at one version, parquet files, or a query over other inputs."""
    if "version" in entry:
        rows = spark.read.format("delta").option("versionAsOf", entry["version"]).load(entry["location"])
    elif "parquet" in entry:
        rows = spark.read.schema(ddl(entry["columns"])).parquet(*entry["parquet"]) if entry["parquet"] else spark.createDataFrame([], ddl(entry["columns"]))
    else:
        rows = spark.sql(entry["sql"])
    named(rows, entry["name"])
    if "where" in entry:
        named(spark.sql("select * from " + quoted(entry["name"]) + " where " + entry["where"]), entry["name"])


class Table:
    """Makes the files of a table's next version where they stay, and tells of them what its log and its checks need: nobody else looks at the rows."""

    def __init__(self, spark, spec, views):
        self.spark, self.spec, self.views = spark, spec, views
        self.wanted = spec["table"]
        self.columns = self.wanted["columns"]
        self.held = []

    def made(self, rows):
        try:
            if "where" in self.wanted:
                rows = rows.where(self.wanted["where"])
            rows, rejected = self.sifted(rows)
            rows, read = self.once(self.shaped(rows))
            self.write(rows, self.wanted["folder"], self.wanted["partitionBy"])
            files = Files(self.spark).below(self.wanted["folder"])
            written = self.written(files)
            told, content = self.described(written, files)
            self.view(written, self.wanted["changed"])
            after = self.after(written)
            self.view(after, self.wanted["own"])
            result = {"files": told, "content": content, "rejected": rejected, "read": read if read is not None else content["rows"]}
            if "base" in self.wanted["hashes"]:
                result["base"] = self.hashed(self.pinned(self.wanted["base"]), self.columns)
            if "gone" in self.wanted["hashes"]:
                result["gone"] = self.hashed(self.of_partitions(written, "left_semi"), self.columns)
            result["cuts"] = [self.hashed(after, [column for column in self.columns if column["name"] in names]) for names in self.wanted["cuts"]]
            result["counts"] = self.counted()
            return result
        finally:
            for each in self.held:
                each.unpersist()

    def sifted(self, rows):
        """The rows that go on, and what is told of those that break a promise: they lie apart, as they were made."""
        rules = self.wanted["rejects"]
        if not rules:
            return rows, {"rows": 0, "of": 0, "rules": [], "files": []}
        named(rows, "varve made")
        self.views.append("varve made")
        flags = ", ".join("coalesce((%s), false) as `__varve_broken_%d`" % (rule, i) for i, rule in enumerate(rules))
        flagged = self.spark.sql("select *, %s from `varve made`" % flags).persist()
        self.held.append(flagged)
        broken = ["`__varve_broken_%d`" % i for i in range(len(rules))]
        counted = flagged.selectExpr("count(*)", "count_if(%s)" % " or ".join(broken), *["count_if(%s)" % each for each in broken]).first()
        apart = flagged.where(" or ".join(broken)).select(rows.columns) if counted[1] else None
        files = []
        if apart is not None:
            self.write(apart, self.wanted["apart"], [])
            files = Files(self.spark).below(self.wanted["apart"])
        kept = flagged.where("not (%s)" % " or ".join(broken)).select(rows.columns)
        return kept, {"rows": counted[1], "of": counted[0], "rules": list(counted[2:]), "files": files}

    def shaped(self, rows):
        """The rows with the table's own columns, in its order and types."""
        known = {field.name.lower(): field.name for field in rows.schema.fields}
        return rows.selectExpr(*["cast(%s as %s) as %s" % (quoted(known[column["name"].lower()]) if column["name"].lower() in known else "null", column["type"], quoted(column["name"])) for column in self.columns])

    def once(self, rows):
        """Of rows with a key those that are new, each key once; and how many there were before. Rows with a NULL in the key stay, all of them."""
        key = self.wanted.get("key")
        if not key:
            return rows, None
        rows = rows.persist()
        self.held.append(rows)
        read = rows.count()
        names = ", ".join(quoted(name) for name in key)
        absent = " or ".join(quoted(name) + " is null" for name in key)
        named(rows, "varve batch")
        self.views.append("varve batch")
        first = self.spark.sql("select *, row_number() over (partition by %s order by %s) as `__varve_nth` from `varve batch`" % (names, hash_of(self.columns)))
        rows = first.where("`__varve_nth` = 1 or " + absent).drop("__varve_nth")
        if "base" in self.wanted:
            rows = rows.join(self.pinned(self.wanted["base"]).select(*[quoted(name) for name in key]).distinct(), list(key), "left_anti").select(*[quoted(column["name"]) for column in self.columns])
        return rows, read

    def write(self, rows, folder, by):
        if by:
            rows = rows.repartition(*[quoted(name) for name in by])
        rows.write.mode("errorifexists").option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false").partitionBy(*by).parquet(folder)

    def written(self, files):
        """The rows as the files hold them."""
        if not files:
            return self.spark.createDataFrame([], ddl(self.columns))
        return self.spark.read.schema(ddl(self.columns)).option("basePath", self.wanted["folder"]).parquet(*[file["path"] for file in files])

    def described(self, written, files):
        """Of each file its rows and the statistics that Delta keeps, and the content of all: by one look."""
        if not files:
            return [], {"rows": 0, "sum": "0"}
        parted = [column["name"] for column in self.columns if column["name"] in self.wanted["partitionBy"]]
        leaves = [leaf for field in written.schema.fields if field.name not in parted for leaf in leaves_of(field, ())][: self.wanted["indexed"]]
        asked = ["count(*)", "sum(shiftright(__h, 32))", "sum(__h & 4294967295)"] + ["first(cast(%s as string))" % quoted(name) for name in parted]
        for path, kind in leaves:
            asked += statistics_of(".".join(quoted(step) for step in path), kind)
        hashed = written.selectExpr("*", "_metadata.file_path as __varve_file", hash_of(self.columns) + " as __h")
        from pyspark.sql.functions import expr

        found = hashed.groupBy("__varve_file").agg(*[expr("%s" % each).alias("a%d" % i) for i, each in enumerate(asked)]).collect()
        by_path = {path_of(row[0]): row[1:] for row in found}
        told, total, rows = [], 0, 0
        for file in files:
            values = by_path.get(path_of(file["path"], False))
            if values is None:
                continue
            total += (int(values[1]) << 32) + int(values[2])
            rows += values[0]
            rest = list(values[3 + len(parted):])
            stats = {}
            for path, kind in leaves:
                low, high, nulls, nan = rest[:4]
                rest = rest[4:]
                told_of = {"null_count": str(nulls)}
                if low is not None and high is not None:
                    told_of.update({"min": low, "max": high})
                if nan:
                    told_of["has_nan"] = "true"
                stats[".".join('"' + step.replace('"', '""') + '"' for step in path)] = told_of
            told.append(dict(file, rows=values[0], partitionValues=dict(zip(parted, values[3 : 3 + len(parted)])), columnStats=stats))
        return told, {"rows": rows, "sum": str(total)}

    def hashed(self, rows, columns):
        found = rows.selectExpr(hash_of(columns) + " as __h").selectExpr("count(*)", "sum(cast(__h as decimal(38,0)))").first()
        return {"rows": found[0], "sum": str(int(found[1] or 0))}

    def after(self, written):
        """The table as it would stand."""
        rest = self.wanted["rest"]
        if rest == "all":
            return self.pinned(self.wanted["base"]).unionByName(written)
        return self.of_partitions(written, "left_anti").unionByName(written) if rest == "other partitions" else written

    def of_partitions(self, written, how):
        """The published rows of the partitions that were written, or of the others."""
        by = self.wanted["partitionBy"]
        base, made = self.pinned(self.wanted["base"]).alias("b"), written.select(*[quoted(name) for name in by]).distinct().alias("m")
        from pyspark.sql.functions import expr

        return base.join(made, expr(" and ".join("b.%s <=> m.%s" % (quoted(name), quoted(name)) for name in by)), how)

    def pinned(self, table):
        """The published rows, with the columns that the table is to have."""
        return self.shaped(self.spark.read.format("delta").option("versionAsOf", table["version"]).load(table["location"]))

    def counted(self):
        """What every question counts: one query asks all, so that Spark looks at the rows once for all that can share it."""
        parts = [part for each in self.wanted["asks"] for part in each]
        if not parts:
            return []
        found = self.spark.sql("select " + ", ".join("(%s)" % part for part in parts)).first()
        counts, at = [], 0
        for each in self.wanted["asks"]:
            counts.append(sum(int(value or 0) for value in found[at : at + len(each)]))
            at += len(each)
        return counts

    def view(self, rows, name):
        named(rows, name)
        self.views.append(name)


PLAIN = re.compile(r"tinyint|smallint|int|bigint|decimal.*|float|double|string|date|timestamp|timestamp_ntz")
IN_JSON = "map('ignoreNullFields', 'false', 'timestampFormat', 'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSSXXX', 'timestampNTZFormat', 'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSS')"


def hash_of(columns):
    """A row's 64 bits. Spark's function passes over NULL, so that beside each value stands whether it is one; what is nested is told as JSON."""
    parts = []
    for column in columns:
        name, kind = quoted(column["name"]), column["type"].lower()
        value = "array_sort(map_entries(%s))" % name if kind.startswith("map<") else name
        nested = kind.startswith(("map<", "array<", "struct<"))
        parts.append("%s is null, %s" % (name, "to_json(named_struct('v', %s), %s)" % (value, IN_JSON) if nested else name))
    return "xxhash64(%s)" % (", ".join(parts) or "0")


def leaves_of(field, above):
    """The columns that hold values: of structs their fields, to any depth."""
    path, kind = above + (field.name,), field.dataType
    if kind.typeName() == "struct":
        return [leaf for inner in kind.fields for leaf in leaves_of(inner, path)]
    return [(path, kind.simpleString())]


def statistics_of(column, kind):
    """Least and greatest value as text, NULLs, and whether there is a NaN, which Spark has above all numbers."""
    nulls = "count_if(%s is null)" % column
    if not PLAIN.fullmatch(kind):
        return ["cast(null as string)", "cast(null as string)", nulls, "false"]
    if kind in ("float", "double"):
        return ["cast(min(%s) as string)" % column, "cast(max(%s) as string)" % column, nulls, "coalesce(bool_or(isnan(%s)), false)" % column]
    # Long texts are cut by who keeps them; more than that need not travel.
    text = "substring(%s(%s), 1, 256)" if kind == "string" else "cast(%s(%s) as string)"
    return [text % ("min", column), text % ("max", column), nulls, "false"]


def path_of(address, encoded=True):
    from urllib.parse import unquote

    path = re.sub(r"^[a-z0-9]+:/*(?=/)", "", re.sub(r"^s3[an]?://[^/]*", "", address))
    return unquote(path) if encoded else path


def named(rows, name):
    rows.createOrReplaceTempView(quoted(name))


def conformed(answer, columns):
    """The answer's columns as the query promises them: by name, in order, of the same types. Only what loses nothing is cast."""
    from pyspark.sql.functions import col

    if columns is None:
        return answer
    got = [(field.name, field.dataType.simpleString()) for field in answer.schema.fields]
    wanted = [(column["name"], column["type"]) for column in columns]
    if [name.lower() for name, _ in got] != [name.lower() for name, _ in wanted]:
        raise Explained("wrong-columns", "expected %s, got %s" % (listed(wanted), listed(got)))
    for (name, kind), (_, target) in zip(got, wanted):
        if not loses_nothing(kind, target.lower()):
            raise Explained("wrong-columns", "column %s is of type %s, expected %s" % (name, kind, target.lower()))
    return answer.select([col("`" + name.replace("`", "``") + "`").cast(target).alias(as_named) for (name, _), (as_named, target) in zip(got, wanted)])


def loses_nothing(kind, target):
    if kind == target or kind == "void":
        return True
    whole = ["tinyint", "smallint", "int", "bigint"]
    # Overflows are errors, not wrong numbers, in the dialect that is set.
    if kind in whole and target in whole + ["decimal(38,0)"]:
        return True
    one, other = digits(kind), digits(target)
    if one and target in whole:
        return one[1] == 0
    if kind in whole and other:
        return True
    if one and other:
        return other[1] >= one[1]
    return kind == "float" and target == "double"


def digits(kind):
    found = re.fullmatch(r"decimal\((\d+),(\d+)\)", kind)
    return (int(found.group(1)), int(found.group(2))) if found else None


def listed(columns):
    return ", ".join("%s %s" % column for column in columns)


def counted(spark, spec, views):
    """How many rows each of several questions finds in what was just written: one look at the files for all that can share it."""
    named(spark.read.schema(ddl(spec["columns"])).parquet(spec["staging"]), "varve made")
    views.append("varve made")
    return {name: spark.sql("select count(*) as n from (" + sql + ")").first()["n"] for name, sql in spec["counts"].items()}


def made_by_script(spark, spec):
    """The author's own code: a module that has `rows(spark, job)`, which gives a DataFrame."""
    import types

    module = types.ModuleType("varve_script")
    module.__file__ = spec["script"]["name"]
    exec(compile(spec["script"]["text"], spec["script"]["name"], "exec"), module.__dict__)
    if not callable(module.__dict__.get("rows")):
        raise Explained("no-rows", "%s has no function rows(spark, job)" % spec["script"]["name"])
    return module.rows(spark, Job(spark, spec))


class Job:
    """What a script is given: its inputs by the names of its properties, its parameters and slice."""

    def __init__(self, spark, spec):
        self._spark = spark
        self._names = spec["script"].get("inputs", {})
        self.parameters = spec["script"].get("parameters", {})
        self.partition = spec["script"].get("partition")

    def table(self, name):
        """An input as a DataFrame, by the asset's key or by the property that declares it."""
        return self._spark.table(quoted(self._names.get(name, name)))


def ddl(columns):
    return ", ".join(quoted(column["name"]) + " " + column["type"] for column in columns)


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def told(error):
    text = str(error).split("JVM stacktrace:")[0].strip()
    return text[:4000] if text else repr(error)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("varve")
    for name, value in CONFIGURATION.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    return carry_out(spark, arguments[0])


def carry_out(spark, address):
    files = Files(spark)
    spec = json.loads(files.read(address))
    print("varve: %s" % spec["name"], file=sys.stderr)
    try:
        result = dict(run(spark, spec), version=1, ok=True)
    except Exception as error:
        traceback.print_exc()
        result = {"version": 1, "ok": False, "code": getattr(error, "code", "failed"), "error": told(error)}
    files.write_new(spec["result"], json.dumps(result))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
