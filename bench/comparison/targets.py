"""What Puente aims at, beside what was measured."""
import dataclasses

from . import telemetry, works

RIVALS = (("envoy", "Envoy"), ("gateway", "grpc-gateway"))


@dataclasses.dataclass(frozen=True)
class Target:
    what: str
    aim: str
    measured: str
    met: bool


def cpu_targets(results):
    for work in works.ALL:
        busy = results["works"][work.name]["busy"]
        for (rival, title), aim in zip(RIVALS, (work.of_envoy, work.of_gateway)):
            share = busy["puente"]["cpu_us"] / busy[rival]["cpu_us"]
            yield Target(f"{work.title}: CPU per request against {title}", f"at most {aim:.2f}", f"{share:.2f}",
                         share <= aim)


def below_both(what, values):
    """`values`: {proxy: µs}"""
    others = min(values[rival] for rival, _ in RIVALS)
    return Target(what, f"below {others:,.0f} µs, the lower of the two", f"{values['puente']:,.0f} µs",
                  values["puente"] < others)


def latency_targets(results):
    for work in works.ALL:
        measured = results["works"][work.name]
        for key in ("p50", "p99"):
            yield below_both(f"{work.title}: {key} with one connection",
                             {name: one[key] for name, one in measured["alone"].items()})
        half = next(one for one in measured["paced"] if one["share"] == 0.5)
        yield below_both(f"{work.title}: p99 at half of Envoy's highest rate",
                         {name: one["p99"] for name, one in half["latency"].items()})


def other_targets(results):
    memory = max(one["memory_mib"]["puente"] for one in results["works"].values())
    yield Target("most memory resident under any of these loads", "at most 30 MiB", f"{memory:.1f} MiB", memory <= 30)
    examples, large = results["start_up"]["examples"], results["start_up"]["5000 methods"]
    yield Target("start-up to ready with the examples", "under 50 ms", f"{examples:.1f} ms", examples < 50)
    yield Target("start-up to ready with 5,000 methods", "under 1 s", f"{large:,.0f} ms", large < 1000)
    more = telemetry.overhead(results["telemetry"])
    yield Target("GET, 400-byte invoice: CPU with metrics, access log and 10 % of traces against none of them",
                 "at most 10 % more", f"{100 * more:.1f} % more", more <= 0.10)
    matches = [ns for name, ns in results["micro"].get("route_table_bench", {}).items() if name.endswith("/10000")]
    if matches:
        yield Target("matching a path among 10,000 routes", "under 1 µs", f"{max(matches):,.0f} ns at most",
                     max(matches) < 1000)


def all_of(results):
    return [*cpu_targets(results), *latency_targets(results), *other_targets(results)]
