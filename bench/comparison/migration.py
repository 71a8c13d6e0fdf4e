"""What a migration costs: requests that go on to a REST service, beside Envoy, and the policies of a route, beside a route without."""
import re

from . import measure, proxies
from .process import LOAD_CPU

# Name, and the keys of the route beside its match. Nothing fails, and nothing goes to the REST service.
POLICIES = (
    ("no policy", "upstream: billing"),
    ("split, sticky", "split: {name: s, backends: [{upstream: rest, weight: 0}, {upstream: billing, weight: 1}], sticky: {header: host}}"),
    ("split, sticky, rollout, retry, breaker, fallback",
     "split: {name: s, backends: [{upstream: rest, weight: 1}, {upstream: billing, weight: 99}], sticky: {header: host}}, "
     "rollout: {to: billing, steps: [100], interval: 1h}, retry: {attempts: 3}, circuit_breaker: {failures: 5}, fallback: rest"),
)
BASE = POLICIES[0][0]
# As for telemetry: what is to be told apart is smaller than what turns differ by.
ROUNDS = 7


class Puente(proxies.Puente):
    """With one route, and the REST service as a second upstream."""

    def __init__(self, places, upstream_port, rest_port, name, route):
        super().__init__(places, upstream_port)
        self.rest_port = rest_port
        self.name = name
        self.route = route

    def config(self):
        with open(super().config(), encoding="utf-8") as file:
            text = file.read()
        rest = f'{{name: rest, http: {{url: "http://127.0.0.1:{self.rest_port}"}}}}'
        text = re.sub(r"^upstreams: \[(.*)\]$", rf"upstreams: [\1, {rest}]", text, flags=re.M)
        path = self.places.file(f"puente-{self.port}.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{text}routes: [{{match: {{path_prefix: /}}, {self.route}}}]\n")
        return path


class Envoy(proxies.Envoy):
    """Without the transcoder, in front of the REST service."""

    def template(self):
        text = super().template()
        text = re.sub(r" +- name: envoy.filters.http.grpc_json_transcoder\n(?: {12}.*\n)+", "", text)
        return re.sub(r" +typed_extension_protocol_options:\n(?: {6}.*\n)+", "", text)


def run(places, plan, upstream_port):
    """{"forwarded": {proxy: {rate, cpu_us}}, "policies": {name: {rate, cpu_us}}}; the small GET with 64 connections, in turns."""
    measure.say("migration")
    # The REST service is one more Puente, on the CPU of the load.
    rest = proxies.Puente(places, upstream_port, cpus={LOAD_CPU})
    rest.name = "rest"
    with rest.start() as program:
        program.wait_until(measure.first_answer(rest))
        forwarding = [Puente(places, upstream_port, rest.port, "puente", "upstream: rest"), Envoy(places, rest.port)]
        deciding = [Puente(places, upstream_port, rest.port, name, route) for name, route in POLICIES]
        return {"forwarded": measure.side_by_side(forwarding, plan.rounds, plan.seconds),
                "policies": measure.side_by_side(deciding, max(plan.rounds, ROUNDS), plan.seconds)}
