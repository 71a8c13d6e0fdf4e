"""What metrics, access log and tracing cost: Puente beside itself without them."""
from . import measure, proxies

OFF = "{metrics: {enabled: false}}"
METRICS = "{metrics: {enabled: true}}"
LOG = 'access_log: {path: "${ACCESS_LOG}"}'
TRACING = 'tracing: {otlp_endpoint: "http://127.0.0.1:${UPSTREAM_PORT}", sample_ratio: 0.1}'

# Name, and the section `telemetry` of the configuration. The upstream is the collector, too: it answers every export.
VARIANTS = (
    ("all off", OFF),
    ("metrics", METRICS),
    ("metrics, access log", f"{{{LOG}}}"),
    ("metrics, access log, 10 % of traces", f"{{{LOG}, {TRACING}}}"),
)
# What is to be told apart is smaller than what turns differ by.
ROUNDS = 7
BASE, ALL = VARIANTS[0][0], VARIANTS[-1][0]


class Variant(proxies.Puente):
    def __init__(self, places, upstream_port, name, telemetry):
        super().__init__(places, upstream_port)
        self.name = name
        self.telemetry = telemetry

    def config(self):
        with open(super().config(), encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith("telemetry:")]
        path = self.places.file(f"puente-{self.port}.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(lines) + f"telemetry: {self.telemetry}\n")
        return path


def run(places, plan, upstream_port):
    """{variant: {rate, cpu_us}}, of the small GET with 64 connections; in turns, as the proxies are."""
    measure.say("telemetry")
    variants = [Variant(places, upstream_port, name, telemetry) for name, telemetry in VARIANTS]
    return measure.side_by_side(variants, max(plan.rounds, ROUNDS), plan.seconds)


def overhead(results):
    """By how much all of it makes a request dearer, as a share."""
    return results[ALL]["cpu_us"] / results[BASE]["cpu_us"] - 1
