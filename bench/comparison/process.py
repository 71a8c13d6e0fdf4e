"""Programs on a CPU of their own, and what they use."""
import contextlib
import glob
import os
import socket
import subprocess
import time

PROXY_CPU = 0
LOAD_CPU = 1


class Failed(Exception):
    """What went wrong, for the person who runs the benchmark."""


@contextlib.contextmanager
def on_cpus(cpus):
    """What is started inside runs on these CPUs, from its first instruction on."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port, path):
    """Whether GET `path` is answered 200. Never waits for long."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            client.sendall(request.encode())
            return client.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


class Program:
    """A running program. Use it in a `with`: it is stopped at the end."""

    def __init__(self, command, cpus, log, env=None):
        self.name = os.path.basename(command[0])
        self.log = log
        self.started = time.monotonic()
        with open(log, "wb") as output, on_cpus(cpus):
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT,
                                             env={**os.environ, **(env or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_until(self, ready, seconds=60):
        """Seconds from the start until `ready()`, which is asked about every millisecond."""
        while not ready():
            if self._process.poll() is not None:
                raise Failed(f"{self.name} ended: {self.output()}")
            if time.monotonic() - self.started > seconds:
                raise Failed(f"{self.name} was not ready after {seconds} s: {self.output()}")
            time.sleep(0.0005)
        return time.monotonic() - self.started

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()[-2000:]

    def cpu_seconds(self):
        """Of all threads since the start, to the nanosecond: /proc/PID/stat counts in 10 ms."""
        total = 0
        for path in glob.glob(f"/proc/{self._process.pid}/task/*/schedstat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(path) as stat:
                total += int(stat.read().split()[0])
        return total / 1e9

    def peak_memory_mib(self):
        """The most that has been resident at any time (VmHWM)."""
        with open(f"/proc/{self._process.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
