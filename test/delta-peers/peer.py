"""A Delta engine that is not ours, driven line by line: a JSON request on stdin, a JSON answer on stdout."""
import datetime
import decimal
import json
import sys

BASE = [("id", "long"), ("name", "string"), ("amount", "decimal(10,2)"), ("seen", "timestamp")]


def columns(extra):
    return BASE + [(name, "string") for name in extra]


def typed(rows, extra):
    def value(kind, raw):
        if raw is None:
            return None
        if kind.startswith("decimal"):
            return decimal.Decimal(raw)
        if kind == "timestamp":
            return datetime.datetime.fromisoformat(raw.replace("Z", "+00:00"))
        return raw
    return [tuple(value(kind, row.get(name)) for name, kind in columns(extra)) for row in rows]


def told(rows):
    def text(raw):
        if isinstance(raw, decimal.Decimal):
            return str(raw)
        if isinstance(raw, datetime.datetime):
            utc = raw.astimezone(datetime.timezone.utc) if raw.tzinfo else raw
            return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return raw
    return sorted(({name: text(raw) for name, raw in row.items()} for row in rows), key=lambda row: json.dumps(row, sort_keys=True))


class Spark:
    def __init__(self, jars):
        from pyspark.sql import SparkSession
        builder = SparkSession.builder.master("local[2]").config("spark.jars", jars)
        for key, value in {
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.sql.warehouse.dir": sys.argv[3], "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.driver.memory": "1g", "spark.sql.session.timeZone": "UTC",
            "spark.databricks.delta.snapshotPartitions": "2", "spark.default.parallelism": "2",
            # Its default makes each VACUUM, of however few files, 10,000 tasks.
            "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
            # Each query is of a few rows and asked once: most of its time would go into compiling, of classes that Spark writes for it and of the machine's code for these.
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m", "spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false",
            "spark.ui.showConsoleProgress": "false", "spark.databricks.delta.schema.autoMerge.enabled": "true", "spark.log.level": "ERROR",
        }.items():
            builder = builder.config(key, value)
        self.spark = builder.getOrCreate()

    def frame(self, request):
        from pyspark.sql.types import StructType
        fields = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in columns(request["extra"])]
        return self.spark.createDataFrame(typed(request["rows"], request["extra"]), StructType.fromJson({"type": "struct", "fields": fields}))

    def read(self, request):
        frame = self.spark.read.format("delta").load(request["path"])
        nothing = self.spark._jvm.scala.Option.empty()
        version = self.log(request).update(False, nothing, nothing).version()
        schema = [[field["name"], field["type"]] for field in json.loads(frame.schema.json())["fields"]]
        return {"version": version, "schema": schema, "rows": told([row.asDict() for row in frame.collect()])}

    def export(self, request):
        """All rows as parquet, for those who compare every type."""
        self.spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        for setting in ("datetimeRebaseModeInWrite", "int96RebaseModeInWrite"):
            self.spark.conf.set(f"spark.sql.parquet.{setting}", "CORRECTED")
        frame = self.spark.read.format("delta").load(request["path"])
        kept = ["`" + field.name.replace("`", "``") + "`" for field in frame.schema.fields if field.dataType.typeName() not in ("void", "variant")]
        frame.select(*kept).coalesce(1).write.mode("overwrite").parquet(request["to"])

    def create(self, request):
        properties = ", ".join(f"'{key}' = '{value}'" for key, value in request["properties"].items())
        fields = ", ".join(f"{name} {kind.replace('long', 'bigint')}" for name, kind in columns([]))
        self.spark.sql(f"create table delta.`{request['path']}` ({fields}) using delta{' tblproperties (' + properties + ')' if properties else ''}")

    def sql(self, request):
        self.spark.sql(request["text"])

    def create_numbered(self, request):
        """Columns that the table gives values to; SQL has no words for them yet."""
        from delta.tables import DeltaTable, IdentityGenerator
        made = DeltaTable.create(self.spark).location(request["path"])
        made = made.addColumn("id", "bigint", generatedAlwaysAs=IdentityGenerator(10, 5)).addColumn("other", "bigint", generatedByDefaultAs=IdentityGenerator(-1, -1))
        made.addColumn("ts", "timestamp").addColumn("day", "date", generatedAlwaysAs="cast(ts as date)").addColumn("v", "string").partitionedBy("day").execute()

    def append(self, request):
        self.frame(request).write.format("delta").mode("append").option("mergeSchema", "true").save(request["path"])

    def overwrite(self, request):
        self.frame(request).write.format("delta").mode("overwrite").save(request["path"])

    def merge(self, request):
        from delta.tables import DeltaTable
        table = DeltaTable.forPath(self.spark, request["path"]).alias("t")
        table.merge(self.frame(request).alias("s"), "t.id = s.id").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()

    def update(self, request):
        self.spark.sql(f"update delta.`{request['path']}` set name = '{request['name']}' where {request['where']}")

    def delete(self, request):
        self.spark.sql(f"delete from delta.`{request['path']}` where {request['where']}")

    def optimize(self, request):
        self.spark.sql(f"optimize delta.`{request['path']}`")

    def vacuum(self, request):
        self.spark.sql(f"vacuum delta.`{request['path']}`")

    def checkpoint(self, request):
        self.log(request).checkpoint()

    def log(self, request):
        return self.spark._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(self.spark._jsparkSession, request["path"])


class DeltaRs:
    def __init__(self, _):
        import deltalake
        import pyarrow
        self.lib, self.pa = deltalake, pyarrow

    def table(self, request):
        return self.lib.DeltaTable(request["path"])

    def frame(self, request):
        kinds = {"long": self.pa.int64(), "string": self.pa.string(), "decimal(10,2)": self.pa.decimal128(10, 2), "timestamp": self.pa.timestamp("us", tz="UTC")}
        names = columns(request["extra"])
        rows = typed(request["rows"], request["extra"])
        return self.pa.table({name: self.pa.array([row[i] for row in rows], kinds[kind]) for i, (name, kind) in enumerate(names)})

    def read(self, request):
        table = self.table(request)
        result = self.pa.table(self.lib.QueryBuilder().register("t", table).execute("select * from t"))
        schema = [[field["name"], field["type"]] for field in json.loads(table.schema().to_json())["fields"]]
        return {"version": table.version(), "schema": schema, "rows": told(result.to_pylist())}

    def export(self, request):
        """All rows as parquet, for those who compare every type."""
        import os
        import pyarrow.parquet
        rows = self.pa.table(self.lib.QueryBuilder().register("t", self.table(request)).execute("select * from t"))
        os.makedirs(request["to"])
        pyarrow.parquet.write_table(rows, f"{request['to']}/rows.parquet", store_schema=False)

    def append(self, request):
        self.lib.write_deltalake(self.table(request), self.frame(request), mode="append", schema_mode="merge")

    def overwrite(self, request):
        self.lib.write_deltalake(self.table(request), self.frame(request), mode="overwrite")

    def merge(self, request):
        merge = self.table(request).merge(self.frame(request), "t.id = s.id", source_alias="s", target_alias="t", merge_schema=True)
        merge.when_matched_update_all().when_not_matched_insert_all().execute()

    def update(self, request):
        self.table(request).update(new_values={"name": request["name"]}, predicate=request["where"])

    def delete(self, request):
        self.table(request).delete(request["where"])

    def optimize(self, request):
        self.table(request).optimize.compact()

    def vacuum(self, request):
        self.table(request).vacuum(dry_run=False)

    def checkpoint(self, request):
        self.table(request).create_checkpoint()


def main():
    peer = {"spark": Spark, "delta-rs": DeltaRs}[sys.argv[1]](sys.argv[2])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": getattr(peer, request["do"])(request)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:2000]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
