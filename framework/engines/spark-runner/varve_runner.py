"""Carries out one Varve job on Spark: a query over pinned tables becomes parquet files in a staging folder.

usage: spark-submit varve_runner.py SPEC

SPEC is the address of a JSON document: what to read, what to ask, where to leave the rows and the result. The runner makes files and no
table versions. It needs Python's standard library and pyspark, and for Delta tables the Delta jars on Spark's class path.
"""

import json
import math
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
    # A text that looks like a variable is a text: else Spark would put the job's environment into rows.
    "spark.sql.variable.substitute": "false",
    # Names are quoted as in DuckDB, and integers divide as they do there.
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.caseSensitive": "false",
    # Each query tells its plan to whoever listens, long or short.
    "spark.sql.ui.explainMode": "simple",
    # What is left beside the rows would be taken for part of the table by who lists folders.
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}
# Of few rows Spark's time goes to compiling code and to asking for task after task, not to the rows.
FEW_ROWS = 50000
FEW_BYTES = 2000000
FOR_FEW = {"spark.sql.adaptive.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
# Of many it guesses by files that are packed well what every task could hold, and fails where it can't: which sides are small is known here.
FOR_MANY = {"spark.sql.autoBroadcastJoinThreshold": "-1"}


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
        self.opened = None
        self.usual = {}
        self.is_small = False

    def made(self, rows):
        try:
            if "where" in self.wanted:
                rows = rows.where(self.wanted["where"])
            rows, rejected = self.sifted(rows)
            merge = Merge(self, self.wanted["merge"]) if "merge" in self.wanted else None
            slices = Slices(self, self.wanted["slices"]) if "slices" in self.wanted else None
            if merge:
                read = merge.enter(rows)
                if merge.refused:
                    return {"files": [], "content": {"rows": 0, "sum": "0"}, "rejected": rejected, "read": read, "cuts": [], "answers": [], "merged": {"refused": merge.refused}}
                merge.write()
            else:
                rows, read = self.once(self.shaped(rows))
                self.write(rows, self.wanted["folder"], self.wanted["partitionBy"])
            files = Files(self.spark).below(self.wanted["folder"])
            written = self.written(files)
            if not merge and sum(file["bytes"] for file in files) < FEW_BYTES:
                self.few(0)
            told, content = self.described(written, files)
            if not merge and "base" in self.wanted:
                # How much lies there already was not looked at.
                self.as_usual()
            self.view(written, self.wanted["changed"])
            after = merge.after() if merge else slices.after(written) if slices else self.after(written)
            if self.is_small and len(self.wanted["asks"]) + len(self.wanted["cuts"]) > 1:
                after = self.kept(after)
            self.view(after, self.wanted["own"])
            result = {"files": told, "content": content, "rejected": rejected, "read": read if read is not None else content["rows"]}
            if "base" in self.wanted["hashes"]:
                result["base"] = self.hashed(self.pinned(self.wanted["base"]), self.columns)
            if "gone" in self.wanted["hashes"]:
                result["gone"] = self.hashed(slices.gone() if slices else self.of_partitions(written, "left_semi"), self.columns)
            result["cuts"] = [self.hashed(after, [column for column in self.columns if column["name"] in names]) for names in self.wanted["cuts"]]
            result["answers"] = self.answers()
            if merge:
                result["merged"] = merge.told()
            if slices:
                result["slices"] = slices.told(written)
            return result
        finally:
            self.as_usual()
            for each in self.held:
                each.unpersist()

    def few(self, rows):
        """From here on queries look at so many rows. At few Spark does better without what it does for many."""
        self.as_usual()
        self.is_small = rows <= FEW_ROWS
        for name, value in (FOR_FEW if self.is_small else FOR_MANY).items():
            self.usual[name] = self.spark.conf.get(name, None)
            self.spark.conf.set(name, value)

    def as_usual(self):
        for name, value in self.usual.items():
            self.spark.conf.unset(name) if value is None else self.spark.conf.set(name, value)
        self.usual, self.is_small = {}, False

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

    def shaped(self, rows, columns=None, more=()):
        """The rows with the table's own columns, in its order and types."""
        known = {field.name.lower(): field.name for field in rows.schema.fields}
        return rows.selectExpr(*["cast(%s as %s) as %s" % (quoted(known[column["name"].lower()]) if column["name"].lower() in known else "null", column["type"], quoted(column["name"])) for column in columns or self.columns], *more)

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

    def written(self, files, folder=None):
        """The rows as the files hold them."""
        if not files:
            return self.spark.createDataFrame([], ddl(self.columns))
        return self.spark.read.schema(ddl(self.columns)).option("basePath", folder or self.wanted["folder"]).parquet(*[file["path"] for file in files])

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
        return self.shaped(self.raw(table))

    def placed(self, table, within=lambda rows: rows):
        """The published rows with their places. Spark tells these of a table's rows where it may mark them as deleted, else of the files that the table names."""
        rows = within(self.raw(table))
        if not self.wanted["merge"]["numbered"]:
            rows = within(self.files(rows.inputFiles()))
        return self.shaped(rows, more=PLACED)

    def files(self, paths):
        """Files of the table as they are; a missing column is NULL."""
        known = self.raw(self.wanted["base"]).schema
        # Only what is read from files tells places: where there are none, of one file no row.
        return self.spark.read.schema(known).parquet(*paths) if paths else self.spark.read.schema(known).parquet(self.wanted["merge"]["files"][0]["path"]).where("false")

    def raw(self, table):
        """The published rows as they are: opened once, since Spark reads the log for each opening."""
        if self.opened is None:
            self.opened = self.spark.read.format("delta").option("versionAsOf", table["version"]).load(table["location"])
        return self.opened

    def answers(self):
        """What every question finds: one query asks all, so that Spark looks at the rows once for all that can share it."""
        parts = [part for each in self.wanted["asks"] for part in each["parts"]]
        if not parts:
            return []
        if any(quoted(entry["name"]) in part for entry in self.spec["inputs"] for part in parts):
            self.as_usual()
        found = self.spark.sql("select " + ", ".join("(%s)" % part for part in parts)).first()
        answers, at = [], 0
        for each in self.wanted["asks"]:
            numbers = [value for value in found[at : at + len(each["parts"])] if value is not None and math.isfinite(value)]
            at += len(each["parts"])
            total = sum(value if isinstance(value, float) else int(value) for value in numbers) if numbers else None
            answers.append({"number": total, "few": self.few_of(each["shown"]) if total and each.get("shown") else None})
        return answers

    def few_of(self, shown):
        """A few of the rows, as JSON, without what nobody may see; None where that leaves nothing."""
        rows = self.spark.sql(shown["rows"])
        seen = [quoted(name) for name in rows.columns if name.lower() not in shown["hidden"]]
        if not seen:
            return None
        text = "to_json(struct(%s), map('ignoreNullFields', 'false', 'timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSSx'))" % ", ".join(seen)
        return [row[0] for row in rows.limit(A_FEW).selectExpr(text).collect()]

    def view(self, rows, name):
        named(rows, name)
        self.views.append(name)

    def kept(self, rows):
        """
        The rows, held until the job ends: they are looked at more than once. How they came about is not part of the queries over them, which Spark
        would otherwise analyse anew with each.
        """
        rows = rows.persist()
        self.held.append(rows)
        return type(rows)(self.spark._jsparkSession.internalCreateDataFrame(rows._jdf.queryExecution().toRdd(), rows._jdf.schema(), False), self.spark)

    def beside(self, rows, count):
        """The rows as one side of a join, given to every task where they are few."""
        return rows.hint("broadcast") if count <= MANY_KEYS else rows


# By these a published row is known: its file, and its place in it. Readers of tables and of files begin addresses otherwise.
PLACED = ("regexp_replace(_metadata.file_path, '^[A-Za-z0-9]+:/+', '') as __varve_path", "_metadata.row_index as __varve_row")
PLACE = ["__varve_path", "__varve_row"]
VALIDITY = ("valid_from", "valid_to", "is_current")
ROWS_A_FILE = 1000000
# So many rows show what is wrong.
A_FEW = 5
# So many keys with their places every task can hold.
MANY_KEYS = 200000


class Merge:
    """
    Meets a batch with the published rows by a key: known ones are replaced, others come in, and what is equal is not written. Old rows are
    told by their places, or their files written anew without them, whichever costs less.
    """

    def __init__(self, table, job):
        self.table, self.spark, self.job = table, table.spark, job
        self.columns, self.base = table.columns, table.wanted.get("base")
        self.refused = None
        self.repeated = 0
        self.places = False
        self.touched = []

    def enter(self, rows):
        """Finds what comes and what goes. @returns how many rows the batch has"""
        history = self.job.get("history")
        if history:
            entered = History(self, history)
            read, known = entered.versions(rows), entered.known
        else:
            self.batch = self.table.kept(self.table.shaped(rows))
            read = self.counted_batch(self.job["on"])
            known = None
        if self.refused:
            return read
        self.outcome(self.match(known))
        return read

    def counted_batch(self, on):
        """Refuses keys without a value; of rows with one key the newest stays, or there may be but one."""
        looked = self.look(self.batch, on)
        read, nulls, keys, more = looked["rows"], looked["nulls"], looked["twice"], looked["more"]
        if nulls:
            self.refuse("null-key", nulls, self.batch.where(absent(on)), on)
            return read
        if not keys:
            return read
        key = [quoted(name) for name in on]
        newer = self.job.get("newerBy")
        if newer is None:
            self.refuse("duplicate-keys", keys, self.batch.groupBy(*key).count().where("`count` > 1"), on)
            return read
        rest = ", ".join(comparable(column) + " desc nulls last" for column in self.columns)
        self.table.view(self.batch, "varve batch")
        first = self.spark.sql("select *, row_number() over (partition by %s order by %s desc nulls last, %s) as `__varve_nth` from `varve batch`" % (", ".join(key), quoted(newer), rest))
        self.batch = self.table.kept(first.where("`__varve_nth` = 1").drop("__varve_nth"))
        self.repeated = int(more)
        return read

    def look(self, batch, on, also=()):
        """Counts rows, those that lack a value in the key or in what is named besides, and keys that come twice, and finds the bounds of keys: one query."""
        kinds = {column["name"]: column["type"].lower() for column in self.columns}
        self.bounded = [name for name in on if kinds.get(name) in ("tinyint", "smallint", "int", "bigint", "string", "date")]
        key = [quoted(name) for name in on]
        by_key = batch.selectExpr(*key, "%s as __lacking" % absent(list(on) + list(also))).groupBy(*key).agg(*[_expr(each) for each in ("count(*) as __n", "count_if(__lacking) as __nulls")])
        found = by_key.selectExpr("count(*)", "sum(__n)", "sum(__nulls)", "count_if(__n > 1)", "sum(__n - 1)", *["%s(%s)" % (end, quoted(name)) for name in self.bounded for end in ("min", "max")]).first()
        self.bounds = list(found[5:])
        self.rows = int(found[1] or 0)
        self.keys = found[0]
        self.table.few(self.rows + sum(file["rows"] for file in self.job["files"]))
        return {"rows": self.rows, "nulls": int(found[2] or 0), "twice": found[3], "more": int(found[4] or 0)}

    def refuse(self, why, count, rows, names):
        kinds = {field.name: field.dataType.simpleString() for field in rows.schema.fields}
        found = rows.selectExpr(*[quoted(name) for name in names]).orderBy(*[quoted(name) for name in names]).limit(5).selectExpr(*["cast(%s as string)" % quoted(name) for name in names]).collect()
        bare = ("tinyint", "smallint", "int", "float", "double", "boolean")
        text = lambda name, value: value.replace(" ", "T") + ("Z" if kinds[name] == "timestamp" else "") if kinds[name].startswith("timestamp") else value
        examples = [", ".join("%s = %s" % (name, "null" if value is None else value if kinds[name] in bare else json.dumps(text(name, value), ensure_ascii=False)) for name, value in zip(names, row)) for row in found]
        self.refused = {"why": why, "keys": list(names), "count": count, "examples": examples}

    def published(self):
        """The published rows with their places; files that can't hold a key of the batch are left out, as their statistics have it."""

        def within(rows):
            from pyspark.sql.functions import col, lit

            if self.rows == 0:
                return rows.where("false")
            there = {field.name.lower() for field in rows.schema.fields}
            for i, name in enumerate(self.bounded):
                low, high = self.bounds[2 * i], self.bounds[2 * i + 1]
                if name.lower() in there and low is not None:
                    rows = rows.where(col(quoted(name)).between(lit(low), lit(high)))
            return rows

        return self.table.placed(self.base, within)

    def nothing(self, more=""):
        return self.spark.sql("select " + ", ".join("cast(null as %s) as %s" % (column["type"], quoted(column["name"])) for column in self.columns) + ", cast(null as string) as __varve_path, cast(null as bigint) as __varve_row" + more + " where false")

    def match(self, known):
        """Of each row of the batch, what becomes of it, with the place and the hash of the published row that it meets."""
        on, newer = list(self.job["on"]), self.job.get("newerBy")
        if known is None and self.base and self.job["files"]:
            keys = self.batch.select(*[quoted(name) for name in on])
            known = self.published().join(self.table.beside(keys, self.rows), on, "left_semi")
        elif known is None:
            known = self.nothing()
        aside = {name.lower() for name in on + list(self.job.get("ignoring", []))}
        same = " and ".join("%s <=> %s" % (comparable(column, "t"), comparable(column, "s")) for column in self.columns if column["name"].lower() not in aside) or "true"
        older = "false" if newer is None else "t.{0} is not null and (s.{0} is null or s.{0} < t.{0})".format(quoted(newer))
        action = "case when t.__varve_path is null then 'insert' when %s then 'older' when %s then 'same' else 'update' end as __varve_action" % (older, same)
        met = self.batch.alias("s").join(known.alias("t"), _expr(" and ".join("t.{0} = s.{0}".format(quoted(name)) for name in on)), "left")
        times = "s.__varve_times" if "__varve_times" in self.batch.columns else "1 as __varve_times"
        return self.table.kept(met.selectExpr(*["s." + quoted(column["name"]) for column in self.columns], *["t." + name for name in PLACE], action, hash_of(self.columns, "t") + " as __varve_went", hash_of(self.columns, "s") + " as __varve_came", times))

    def outcome(self, matches):
        """One look at what was matched tells all that is counted, and refuses versions that are told twice."""
        on, columns = self.job["on"], [quoted(column["name"]) for column in self.columns]
        total = lambda name: "sum(cast(%s as decimal(38,0)))" % name
        asked = ["count(*)", total("__varve_went"), total("__varve_came"), "coalesce(max(__varve_times), 1)", "coalesce(bool_or(%s), false)" % absent(on)]
        self.counts, per_file, came = {"update": 0, "same": 0, "older": 0, "insert": 0}, {}, 0
        gone, went, twice, nulls = 0, 0, False, False
        for path, action, rows, of_old, of_new, times, lacking in matches.groupBy("__varve_path", "__varve_action").agg(*[_expr(each).alias("a%d" % i) for i, each in enumerate(asked)]).collect():
            self.counts[action] += rows
            twice, nulls = twice or times > 1, nulls or lacking
            if action in ("insert", "update"):
                came += int(of_new)
            if action == "update":
                per_file[path] = rows
                gone += rows
                went += int(of_old)
        if nulls:
            broken = self.batch.where(absent(on))
            return self.refuse("null-key", broken.count(), broken, on)
        if twice:
            broken = self.batch.groupBy(*[quoted(name) for name in on]).count().where("`count` > 1")
            return self.refuse("duplicate-keys", broken.count(), broken, on)
        self.updates = matches.where("__varve_action = 'update'")
        self.inserts = matches.where("__varve_action = 'insert'").select(*columns)
        self.new = matches.where("__varve_action in ('insert', 'update')").select(*columns)
        self.came = {"rows": self.counts["insert"] + self.counts["update"], "sum": str(came)}
        self.went = {"rows": gone, "sum": str(went)}
        from urllib.parse import unquote

        index = {bare(file["path"]): i for i, file in enumerate(self.job["files"])}
        self.paths = {path: index[unquote(path)] for path in per_file}
        self.touched = sorted(self.paths.values())
        held = sum(self.job["files"][i]["rows"] for i in self.touched)
        plain = self.job["direct"] and not any(self.job["files"][i]["marked"] for i in self.touched)
        self.places = gone > 0 and self.job["marking"] > 0 and (gone < held * self.job["marking"] or not plain)
        self.rewrites = gone > 0 and not self.places
        self.size = self.came["rows"] + (held - gone if self.rewrites else 0)

    def write(self):
        wanted = self.table.wanted
        if self.places:
            known = self.spark.createDataFrame(list(self.paths.items()), "__varve_path string, __varve_file bigint")
            from pyspark.sql.functions import broadcast

            places = self.updates.select(*PLACE).join(broadcast(known), "__varve_path").selectExpr("__varve_file", "__varve_row")
            self.table.write(places.repartition(1).sortWithinPartitions("__varve_file", "__varve_row"), wanted["places"], [])
        parts = -(-self.size // ROWS_A_FILE)
        if not parts:
            return
        rows = self.new.repartition(parts) if not self.rewrites else self.anew(parts)
        self.table.write(rows, wanted["folder"], [])

    def anew(self, parts):
        """The files with old rows, each new row in the place of its old one, so that whatever order the rows had stays; then those that come in."""
        columns = [quoted(column["name"]) for column in self.columns]
        there = [self.job["files"][i] for i in self.touched]
        old = self.table.shaped(self.table.files([file["path"] for file in there]), more=PLACED)
        rest = old.join(self.table.beside(self.updates.select(*PLACE), self.went["rows"]), PLACE, "left_anti").select(*columns, *PLACE)
        came = self.inserts.selectExpr(*columns, "'~' as __varve_path", "pmod(%s, 2147483647) as __varve_row" % hash_of(self.columns))
        rows = rest.unionByName(self.updates.select(*columns, *PLACE)).unionByName(came)
        rows = rows.repartition(1) if parts == 1 else rows.repartitionByRange(parts, *PLACE)
        return rows.sortWithinPartitions(*PLACE).select(*columns)

    def after(self):
        """The table as it would stand."""
        if not self.base:
            return self.new
        base = self.table.placed(self.base) if self.went["rows"] else self.table.pinned(self.base)
        if self.went["rows"]:
            base = base.join(self.table.beside(self.updates.select(*PLACE), self.went["rows"]), PLACE, "left_anti")
        return base.select(*[quoted(column["name"]) for column in self.columns]).unionByName(self.new)

    def told(self):
        places = Files(self.spark).below(self.table.wanted["places"]) if self.places else None
        return {
            "came": self.came, "went": self.went, "repeated": self.repeated, "updated": self.counts["update"], "unchanged": self.counts["same"], "older": self.counts["older"],
            "touched": self.touched, "places": places,
        }


class Slices:
    """Puts rows in the place of those that some slices have now. Files of nothing else go as they are; of others the rest is written anew, and the rest of the table is not read."""

    def __init__(self, table, job):
        self.table, self.job = table, job
        self.base = table.pinned(table.wanted["base"])
        self.others = "(%s) is not true" % job["where"]

    def gone(self):
        return self.base.where(self.job["where"])

    def after(self, written):
        return self.base.where(self.others).unionByName(written)

    def told(self, written):
        return {"kept": self.keep(), "changed": self.changed(written)}

    def keep(self):
        mixed = self.job["mixed"]
        if not mixed:
            return []
        parts = max(1, -(-sum(file["rows"] for file in mixed) // ROWS_A_FILE))
        by = [quoted(place["column"]) for place in self.job["by"]]
        rows = self.of_files(mixed).where(self.others).repartitionByRange(parts, *by).sortWithinPartitions(*by)
        self.table.write(rows, self.job["folder"], [])
        files = Files(self.table.spark).below(self.job["folder"])
        return [file for file in self.table.described(self.table.written(files, self.job["folder"]), files)[0] if file["rows"]]

    def of_files(self, files):
        """The published rows of some files, without those that are marked as deleted."""
        if self.job["direct"] and not any(file["marked"] for file in files):
            return self.table.shaped(self.table.spark.read.schema(self.table.raw(self.table.wanted["base"]).schema).parquet(*[file["path"] for file in files]))
        from urllib.parse import unquote
        from pyspark.sql.functions import col

        wanted = {bare(file["path"]) for file in files}
        rows = self.table.raw(self.table.wanted["base"])
        names = [bare(path) for path in rows.inputFiles() if unquote(bare(path)) in wanted]
        return self.table.shaped(rows.selectExpr("*", PLACED[0]).where(col("__varve_path").isin(names)))

    def changed(self, written):
        """The places in which other rows are than were, told by their number and their sums; None where there are too many."""
        places = ["%s as d%d" % (GRAINS[place["grain"]] % quoted(place["column"]), i) for i, place in enumerate(self.job["by"])]
        names = ["d%d" % i for i in range(len(places))]

        def sums(rows):
            hashed = rows.selectExpr(*places, hash_of(self.table.columns) + " as __h")
            return hashed.groupBy(*names).agg(_expr("count(*) as n"), _expr("sum(cast(__h as decimal(38,0))) as s"))

        both = sums(self.gone()).alias("b").join(sums(written).alias("a"), _expr(" and ".join("b.{0} <=> a.{0}".format(name) for name in names)), "full")
        found = both.where("not (b.n <=> a.n and b.s <=> a.s)").selectExpr(*["coalesce(b.{0}, a.{0})".format(name) for name in names]).limit(self.job["most"] + 1).collect()
        return [list(row) for row in found] if len(found) <= self.job["most"] else None


GRAINS = {
    "value": "cast(%s as string)",
    "day": "left(cast(%s as string), 10)",
    "hour": "cast(cast(floor(unix_millis(%s) / 3600000) as bigint) as string)",
    "hour of the clock": "date_format(date_trunc('hour', %s), 'yyyy-MM-dd\\'T\\'HH:00')",
}


class History:
    """Enters rows as versions: each is known by its key and its beginning, and ends where the next one begins or where its key was seen to be gone."""

    def __init__(self, merge, job):
        self.merge, self.table, self.spark, self.job = merge, merge.table, merge.spark, job
        self.key = [quoted(name) for name in job["on"]]
        self.values = [column for column in merge.columns if column["name"] not in VALIDITY]
        self.now = "timestamp'%s'" % job["now"]
        self.known = None

    def versions(self, rows):
        """Gives the merge the versions as they should be of all keys that the batch concerns, and those that are published. @returns how many rows the batch has"""
        changed_by, merge = self.job.get("changedBy"), self.merge
        since = self.now if changed_by is None else "cast(%s as timestamp)" % quoted(changed_by)
        batch = self.table.kept(self.table.shaped(rows, self.values).selectExpr("*", since + " as valid_from"))
        names = list(self.job["on"]) + ([] if changed_by is None else [changed_by])
        looked = merge.look(batch, self.job["on"], ["valid_from"])
        read = looked["rows"]
        if looked["nulls"]:
            merge.refuse("null-key", looked["nulls"], batch.where(absent(list(self.job["on"]) + ["valid_from"])), names)
            return read
        self.once = not looked["twice"]
        if not self.once:
            batch = self.each_once(batch, read, names)
            if merge.refused:
                return read
        self.table.view(batch, "varve told")
        self.known = self.versions_of(batch)
        self.table.view(self.known, "varve known")
        merge.batch = self.spark.sql(self.text())
        return read

    def each_once(self, batch, read, names):
        self.table.view(batch, "varve batch")
        alike = ", ".join([comparable(column) for column in self.values] + ["valid_from"])
        first = self.spark.sql("select *, row_number() over (partition by %s order by valid_from) as `__varve_nth` from `varve batch`" % alike)
        batch = self.table.kept(first.where("`__varve_nth` = 1").drop("__varve_nth"))
        self.merge.repeated = read - batch.count()
        by = list(dict.fromkeys(self.key + [quoted(name) for name in names] + ["valid_from"]))
        twice = batch.groupBy(*by).count().where("`count` > 1")
        count = twice.count()
        if count:
            self.merge.refuse("duplicate-keys", count, twice, names)
        return batch

    def closes(self):
        return self.job["deletes"] == "close"

    def versions_of(self, batch):
        """The versions of the batch's keys; of a complete batch also those that are open and that it lacks."""
        if not self.merge.base or not self.merge.job["files"]:
            return self.merge.nothing(", cast(null as boolean) as __gone")
        published = self.table.placed(self.merge.base) if self.closes() else self.merge.published()
        keys = batch.select(*self.key)
        keys = self.table.beside((keys if self.once else keys.distinct()).selectExpr("*", "true as __told"), self.merge.keys)
        met = published.join(keys, list(self.job["on"]), "left" if self.closes() else "inner")
        wanted = met.where("__told or is_current") if self.closes() else met
        return self.table.kept(wanted.selectExpr(*[quoted(column["name"]) for column in self.merge.columns], *PLACE, "__told is null as __gone"))

    def text(self):
        """
        What happens at which instant of a key, in one list that windows run over, each row of it read once: versions begin that are published
        or told, published ones end, and what was gone comes back. A version that is open takes what is told anew of its beginning; one that has ended stays
        as it is. Keys that were gone and are there again, though nothing was told of them since, hold from now on.
        """
        own = ", ".join(quoted(column["name"]) for column in self.values)
        nulls = ", ".join(quoted(column["name"]) if column["name"] in self.job["on"] else "cast(null as %s) as %s" % (column["type"], quoted(column["name"])) for column in self.values)
        key = ", ".join(self.key)
        parts = [
            "select {own}, valid_from as __at, 'told' as __is, cast(null as boolean) as __open from {told}",
            "select {own}, valid_from as __at, if(__gone, 'gone', 'known') as __is, is_current as __open from `varve known`",
            "select {nulls}, valid_to as __at, 'end' as __is, cast(null as boolean) as __open from `varve known` where not __gone and valid_to is not null",
        ]
        if self.closes():
            parts.append("select {own}, cast(null as timestamp) as __at, 'back' as __is, cast(null as boolean) as __open from (select *, row_number() over (partition by {key} order by valid_from desc) as __varve_nth from `varve told`) where __varve_nth = 1")
        events = " union all ".join(parts).format(own=own, nulls=nulls, key=key, told=self.told())
        back = "greatest(%s, __until)" % self.now
        returned = "(__until is not null and not coalesce(__newest > __until, false))"
        marks = "__begins or __ended" if not self.closes() else "__begins or __is = 'gone' or (__is = 'back' and {returned}) or (__ended and not ({returned} and __at = {back}))".format(returned=returned, back=back)
        seen = ", max(if(__ended, __at, null)) over (partition by {key}) as __until, max(if(__begins, __at, null)) over (partition by {key}) as __newest".format(key=key) if self.closes() else ""
        at = "if(__is = 'back', %s, __at)" % back if self.closes() else "__at"
        text = """
          select {own}, valid_from, valid_to, valid_to is null as is_current, count(*) over (partition by {key}, valid_from) as __varve_times from (
            select {own}, __is, __at as valid_from, if(__is = 'gone', {now}, lead(__at) over (partition by {key} order by __at)) as valid_to from (
              select {own}, __is, {at} as __at from (
                select *{seen} from (
                  select *, __is = 'end' and not bool_or(__begins) over (partition by {key}, __at) as __ended from (
                    select {own}, __at, __is, coalesce(case __is when 'known' then not (__open and __told) when 'told' then not __closed end, false) as __begins from (
                      select *, bool_or(__is = 'told') over (partition by {key}, __at) as __told, coalesce(bool_or(__is = 'known' and not __open) over (partition by {key}, __at), false) as __closed from ({events})
                    )
                  )
                )
              ) where {marks}
            )
          ) where __is <> 'end' and (__is <> 'gone' or valid_from < {now})"""
        return text.format(own=own, key=key, now=self.now, at=at, seen=seen, marks=marks, events=events)

    def told(self):
        """What of the batch says something new."""
        compare = self.job.get("compare")
        if compare is None:
            return "`varve told`"
        names = {name.lower() for name in (self.job["on"] if compare == "all" else compare)}
        compared = [column for column in self.values if (column["name"].lower() not in names if compare == "all" else column["name"].lower() in names)]
        unchanged = " and ".join("%s <=> %s" % (comparable(column, "k"), comparable(column, "b")) for column in compared) or "true"
        same = " and ".join("k.%s = b.%s" % (name, name) for name in self.key)
        return "(select b.* from `varve told` as b where not exists (select 1 from `varve known` as k where %s and k.valid_from <= b.valid_from and (k.valid_to is null or k.valid_to > b.valid_from) and %s))" % (same, unchanged)


def absent(names):
    return " or ".join(quoted(name) + " is null" for name in names)


def _expr(text):
    from pyspark.sql.functions import expr

    return expr(text)


PLAIN = re.compile(r"tinyint|smallint|int|bigint|decimal.*|float|double|string|date|timestamp|timestamp_ntz")
IN_JSON = "map('ignoreNullFields', 'false', 'timestampFormat', 'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSSXXX', 'timestampNTZFormat', 'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSS')"


def comparable(column, of=None):
    """The column as something that Spark can order and compare: maps have no order of their own."""
    name = quoted(column["name"]) if of is None else of + "." + quoted(column["name"])
    return "to_json(named_struct('v', array_sort(map_entries(%s))), %s)" % (name, IN_JSON) if column["type"].lower().startswith("map<") else name


def hash_of(columns, of=None):
    """A row's 64 bits. Spark's function passes over NULL, so that beside each value stands whether it is one; what is nested is told as JSON."""
    parts = []
    for column in columns:
        name, kind = quoted(column["name"]) if of is None else of + "." + quoted(column["name"]), column["type"].lower()
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


def bare(address):
    """An address without what readers of tables and of files begin it with, each in its way."""
    return re.sub("^([A-Za-z0-9]+:)?/+", "", address)


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
    cause = getattr(error, "java_exception", None)
    while cause is not None:
        # What Java's calls are named tells nobody anything; what first went wrong does.
        text, cause = str(cause.toString()), cause.getCause()
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
    files.write_new(spec["result"], json.dumps(dict(result, attempt=spec.get("attempt"))))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
