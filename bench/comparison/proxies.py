"""The three proxies and their upstream, each started as a user would run it."""
import os
import re
import subprocess

from .process import LOAD_CPU, PROXY_CPU, Failed, Program, answers, free_port

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Places:
    """Where programs are, and where what a run leaves behind goes."""

    def __init__(self, build, scratch):
        self.build = build
        self.scratch = scratch
        self.envoy = None
        self.gateway = None

    def built(self, name):
        path = os.path.join(self.build, name)
        if not os.path.exists(path):
            raise Failed(f"needs {path}: make build")
        return path

    def file(self, name):
        return os.path.join(self.scratch, name)

    def fetch_rivals(self):
        done = subprocess.run([os.path.join(HERE, "rivals")], stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Failed("can't do without Envoy and grpc-gateway: bench/rivals says above why")
        self.envoy, self.gateway = done.stdout.split()


def start_upstream(places):
    """(program, port)"""
    program = Program([places.built("bench_upstream")], {LOAD_CPU}, places.file("upstream.log"))
    found = []

    def ready():
        found[:] = re.findall(r"listening on 127\.0\.0\.1:(\d+)", program.output())
        return found

    program.wait_until(ready)
    return program, int(found[0])


class Proxy:
    """How one is started; `start` gives a Program that takes connections on `self.port`."""

    name = ""
    title = ""

    def __init__(self, places, upstream_port, cpus=frozenset({PROXY_CPU})):
        self.places = places
        self.upstream_port = upstream_port
        self.cpus = cpus
        self.port = free_port()
        self.admin_port = free_port()

    def start(self):
        raise NotImplementedError

    def version(self):
        raise NotImplementedError

    def program(self, command, env=None):
        return Program(command, self.cpus, self.places.file(f"{self.name}.log"), env)

    def access_log(self):
        return self.places.file(f"{self.name}-access.log")

    def take_access_log(self):
        """Once it has ended: that it has logged, and no more than the disk bears."""
        path = self.access_log()
        if not os.path.exists(path) or os.path.getsize(path) == 0:
            raise Failed(f"{self.title} wrote no access log")
        os.remove(path)

    def drop_access_log(self):
        """The same, where it may have been told to write none."""
        if os.path.exists(self.access_log()):
            os.remove(self.access_log())


class Puente(Proxy):
    name = "puente"
    title = "Puente"

    def __init__(self, places, upstream_port, cpus=frozenset({PROXY_CPU}), workers=1, descriptors=None):
        super().__init__(places, upstream_port, cpus)
        self.workers = workers
        self.descriptors = descriptors or places.built("billing.pb")

    def config(self):
        return os.path.join(HERE, "puente.yaml")

    def start(self):
        return self.program(
            [self.places.built("puente"), "run", "--config", self.config()],
            {"LISTEN_PORT": str(self.port), "ADMIN_PORT": str(self.admin_port),
             "UPSTREAM_PORT": str(self.upstream_port), "DESCRIPTORS": self.descriptors,
             "WORKERS": str(self.workers), "ACCESS_LOG": self.access_log()})

    def ready(self):
        return answers(self.admin_port, "/readyz")

    def version(self):
        text = subprocess.check_output([self.places.built("puente"), "--version"], text=True).split()[-1]
        commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"],
                                stdout=subprocess.PIPE, text=True).stdout.strip()
        return f"{text} ({commit})" if commit else text


class Envoy(Proxy):
    name = "envoy"
    title = "Envoy"

    def start(self):
        return self.program([self.places.envoy, "--config-path", self._config(), "--concurrency", "1",
                             "--disable-hot-restart", "--log-level", "warning"])

    def template(self):
        with open(os.path.join(HERE, "envoy.yaml"), encoding="utf-8") as file:
            return file.read()

    def _config(self):
        values = {"LISTEN_PORT": self.port, "ADMIN_PORT": self.admin_port,
                  "UPSTREAM_PORT": self.upstream_port, "ACCESS_LOG": self.access_log(),
                  "DESCRIPTORS": self.places.built("billing.pb")}
        text = re.sub(r"@([A-Z_]+)@", lambda mark: str(values[mark[1]]), self.template())
        path = self.places.file(f"envoy-{self.port}.yaml")
        with open(path, "w", encoding="utf-8") as config:
            config.write(text)
        return path

    def version(self):
        text = subprocess.check_output([self.places.envoy, "--version"], text=True)
        return re.search(r"/(\d+\.\d+\.\d+)/", text)[1]


class Gateway(Proxy):
    name = "gateway"
    title = "grpc-gateway"

    def start(self):
        return self.program(
            [self.places.gateway, f"--upstream=127.0.0.1:{self.upstream_port}",
             f"--listen=127.0.0.1:{self.port}", f"--admin=127.0.0.1:{self.admin_port}",
             f"--access-log={self.access_log()}"],
            {"GOMAXPROCS": "1"})

    def version(self):
        with open(os.path.join(HERE, "gateway", "go.mod"), encoding="utf-8") as module:
            text = module.read()
        versions = [re.search(rf"{name} v(\S+)", text)[1] for name in ("grpc-gateway/v2", "google.golang.org/grpc")]
        return "{} (grpc-go {})".format(*versions)


ALL = (Puente, Envoy, Gateway)
