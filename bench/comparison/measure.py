"""The comparison itself: the same load for each proxy, in turns, and the median of the turns."""
import contextlib
import dataclasses
import statistics
import time

from . import load, proxies, works
from .process import answers


@dataclasses.dataclass(frozen=True)
class Plan:
    rounds: int = 5
    seconds: int = 5  # of each load
    latency_rounds: int = 3
    latency_seconds: int = 4
    starts: int = 15
    scale_seconds: int = 3


QUICK = Plan(rounds=1, seconds=1, latency_rounds=1, latency_seconds=1, starts=3, scale_seconds=1)


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def first_answer(proxy):
    return lambda: answers(proxy.port, works.INVOICE)


def throughput(proxy, program, work, seconds):
    before = program.cpu_seconds()
    requests, took = load.wrk(proxy.port, work, seconds)
    return {"rate": requests / took, "cpu_us": (program.cpu_seconds() - before) / requests * 1e6}


def medians(samples):
    """Of each key."""
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}


def in_turns(rounds, running, measure):
    """{proxy's name: medians of `measure(proxy, program)`}; every proxy once, then every proxy again."""
    samples = {proxy.name: [] for proxy, _ in running}
    for _ in range(rounds):
        for proxy, program in running:
            samples[proxy.name].append(measure(proxy, program))
    return {name: medians(taken) for name, taken in samples.items()}


def latency(places, plan, running, work, **how):
    return in_turns(plan.latency_rounds, running, lambda proxy, _: load.paced(
        places, proxy.port, work.path, plan.latency_seconds, invoice_bytes=work.invoice_bytes, **how))


@contextlib.contextmanager
def all_running(places, upstream_port):
    """Fresh ones: [(proxy, program)]."""
    with contextlib.ExitStack() as stack:
        running = []
        for kind in proxies.ALL:
            proxy = kind(places, upstream_port)
            program = stack.enter_context(proxy.start())
            program.wait_until(first_answer(proxy))
            running.append((proxy, program))
        yield running


def side_by_side(kinds, rounds, seconds):
    """{proxy's name: {rate, cpu_us}} of the small GET with 64 connections; each of `kinds` is started, and all take turns."""
    work = works.ALL[0]
    with contextlib.ExitStack() as stack:
        running = []
        for proxy in kinds:
            program = stack.enter_context(proxy.start())
            program.wait_until(first_answer(proxy))
            load.wrk(proxy.port, work, 1)
            running.append((proxy, program))
        results = in_turns(rounds, running, lambda proxy, program: throughput(proxy, program, work, seconds))
    for proxy in kinds:
        proxy.drop_access_log()
    return results


def work_results(places, plan, upstream_port, work):
    with all_running(places, upstream_port) as running:
        for proxy, _ in running:
            load.wrk(proxy.port, work, 1)  # warms caches, pools and the upstream's connection
        busy = in_turns(plan.rounds, running,
                        lambda proxy, program: throughput(proxy, program, work, plan.seconds))
        memory = {proxy.name: program.peak_memory_mib() for proxy, program in running}
        say(f"{work.title}: " + ", ".join(
            f"{proxy.title} {busy[proxy.name]['cpu_us']:.0f} µs" for proxy, _ in running))
        alone = latency(places, plan, running, work, connections=1)
        paced = [{"share": share, "rate": (rate := share * busy["envoy"]["rate"]),
                  "latency": latency(places, plan, running, work, rate=rate)} for share in work.rates]
    for proxy, _ in running:
        proxy.take_access_log()
    return {"busy": busy, "memory_mib": memory, "alone": alone, "paced": paced}


def start_times(plan, start, ready):
    """Median of the seconds until `ready`. `start` makes a (proxy, program)."""
    taken = []
    for _ in range(plan.starts):
        proxy, program = start()
        with program:
            taken.append(program.wait_until(ready(proxy)))
    return statistics.median(taken)


def start_up(places, plan, upstream_port):
    """Milliseconds from exec to the first answer, of each."""
    def starting(kind):
        def start():
            proxy = kind(places, upstream_port)
            return proxy, proxy.start()
        return start

    return {kind.name: 1000 * start_times(plan, starting(kind), first_answer) for kind in proxies.ALL}


def puente_start_up(places, plan, upstream_port, descriptors):
    """Milliseconds from exec to /readyz."""
    def start():
        proxy = proxies.Puente(places, upstream_port, descriptors=descriptors)
        return proxy, proxy.start()

    return 1000 * start_times(plan, start, lambda proxy: proxy.ready)
