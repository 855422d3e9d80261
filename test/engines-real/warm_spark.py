"""One Spark for many jobs: carries out the real runner on each address that comes by stdin, and answers with its exit code."""
import importlib.util
import json
import os
import sys

runner_path, jars, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
spec = importlib.util.spec_from_file_location("varve_runner", runner_path)
runner = importlib.util.module_from_spec(spec)
spec.loader.exec_module(runner)

from pyspark.sql import SparkSession

builder = SparkSession.builder.appName("warm").master("local[2]").config("spark.jars", jars).config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2").config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.memory", os.environ.get("VARVE_SPARK_MEMORY", "1g")).config("spark.databricks.delta.snapshotPartitions", "2").config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m")
for name, value in {**runner.CONFIGURATION, **settings}.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
print("ready", flush=True)
for line in sys.stdin:
    try:
        code = runner.carry_out(spark, line.strip())
    except Exception as error:
        print(error, file=sys.stderr, flush=True)
        code = 1
    print(code, flush=True)
