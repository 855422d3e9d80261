"""Other Delta engines as peers of the benchmark: a JSON request on stdin, `{"ms": ..., "sum": ...}` on stdout."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../delta-peers"))


class DeltaRs:
    def create(self, request):
        import pyarrow.dataset
        from deltalake import write_deltalake
        write_deltalake(request["table"], pyarrow.dataset.dataset(request["raw"]).scanner().to_reader(), target_file_size=16 << 20)

    def merge(self, request):
        import pyarrow.parquet
        from deltalake import DeltaTable
        source = pyarrow.parquet.read_table(request["batch"])
        DeltaTable(request["table"]).merge(source, "t.id = s.id", source_alias="s", target_alias="t").when_matched_update_all().when_not_matched_insert_all().execute()

    def scan(self, request):
        from deltalake import DeltaTable, QueryBuilder
        answer = QueryBuilder().register("t", DeltaTable(request["table"])).execute("select sum(n) as n, min(category) as c, sum(d) as d from t")
        return str(answer.read_all()["n"][0].as_py())


class Spark:
    def __init__(self):
        from peer import Spark
        self.spark = Spark(sys.argv[2]).spark
        self.spark.conf.set("spark.databricks.delta.properties.defaults.enableDeletionVectors", "true")

    def create(self, request):
        self.spark.read.parquet(request["raw"]).write.format("delta").save(request["table"])

    def merge(self, request):
        self.spark.read.parquet(request["batch"]).createOrReplaceTempView("batch")
        self.spark.sql(f"merge into delta.`{request['table']}` t using batch s on t.id = s.id when matched then update set * when not matched then insert *")

    def scan(self, request):
        frame = self.spark.read.format("delta").load(request["table"]).selectExpr("sum(n)", "min(category)", "sum(d)")
        return str(frame.collect()[0][0])


def main():
    engine = Spark() if sys.argv[1] == "spark" else DeltaRs()
    print("{}", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            start = time.perf_counter()
            total = getattr(engine, request["do"])(request)
            answer = {"ms": (time.perf_counter() - start) * 1000}
            if total is not None:
                answer["sum"] = total
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
