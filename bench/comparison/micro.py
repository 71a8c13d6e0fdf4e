"""The micro benchmarks (Google Benchmark): every *_bench of the build folder."""
import glob
import json
import os
import subprocess

from .process import PROXY_CPU, on_cpus

NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def run(places, seconds):
    """{binary: {benchmark: ns of CPU}}"""
    results = {}
    for binary in sorted(glob.glob(os.path.join(places.build, "*_bench"))):
        with on_cpus({PROXY_CPU}):
            text = subprocess.check_output([binary, "--benchmark_format=json", f"--benchmark_min_time={seconds}"],
                                           stderr=subprocess.DEVNULL)
        results[os.path.basename(binary)] = {
            one["name"]: one["cpu_time"] * NANOSECONDS[one["time_unit"]]
            for one in json.loads(text)["benchmarks"] if "cpu_time" in one}
    return results
