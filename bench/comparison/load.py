"""The load generators: wrk for the highest rate, bench_load for latency and for counts that must be exact."""
import json
import os
import re
import shutil
import subprocess

from .process import LOAD_CPU, Failed, on_cpus
from .proxies import HERE

CONNECTIONS = 64


def check_wrk():
    if shutil.which("wrk") is None:
        raise Failed("needs wrk: .ci/setup bench (or apt-get install wrk)")


def run(command):
    with on_cpus({LOAD_CPU}):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: {done.stdout.strip()}")
    return done.stdout


def wrk(port, work, seconds):
    """(requests, seconds) with all that 64 connections can ask for."""
    script = os.path.join(HERE, "scenarios", f"{work.name}.lua")
    text = run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--timeout", "20", "-s", script,
                f"http://127.0.0.1:{port}"])
    failed = re.search(r"(Non-2xx.*|Socket errors.*)", text)
    if failed:
        raise Failed(f"{work.title}: {failed[1]}")
    requests, took, unit = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", text).groups()
    return int(requests), float(took) * {"ms": 0.001, "s": 1, "m": 60}[unit]


def paced(places, port, path, seconds, *, connections=CONNECTIONS, rate=0, invoice_bytes=0):
    """What bench_load prints. Rate 0: each connection asks again when it is answered."""
    return json.loads(run([places.built("bench_load"), f"--port={port}", f"--path={path}", f"--seconds={seconds}",
                           f"--connections={connections}", f"--rate={rate}", f"--invoice-bytes={invoice_bytes}"]))
