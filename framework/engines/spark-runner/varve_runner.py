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
