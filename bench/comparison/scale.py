"""The scale series: what a request costs Puente as one thing grows. Costs are CPU per request, in µs."""
from . import contract, load, works
from .measure import say
from .process import LOAD_CPU, PROXY_CPU
from .proxies import Puente

CONNECTIONS = (1, 16, 64, 256, 1024, 4096)
ROUTES = (1, 100, 1000, 10_000)
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
WORKERS = (1, 2)


def cost(places, plan, puente, **how):
    """Of a fresh Puente under a load that is warm."""
    path = how.pop("path", works.INVOICE)
    with puente.start() as program:
        program.wait_until(puente.ready)
        load.paced(places, puente.port, path, 0.5, **how)
        before = program.cpu_seconds()
        answered = load.paced(places, puente.port, path, plan.scale_seconds, **how)
        used = program.cpu_seconds() - before
        return {"cpu_us": used / answered["requests"] * 1e6, "rate": answered["requests"] / answered["seconds"],
                "memory_mib": program.peak_memory_mib()}


def by_connections(places, plan, upstream_port):
    return {count: cost(places, plan, Puente(places, upstream_port), connections=count) for count in CONNECTIONS}


def by_routes(places, plan, upstream_port):
    return {count: cost(places, plan, Puente(places, upstream_port, descriptors=contract.compiled(places, count)),
                        path=contract.path_in_the_middle(count)) for count in ROUTES}


def connections_for(size):
    """So many that 64 KB to 10 MB are under way, and no fewer than two."""
    return max(2, min(load.CONNECTIONS, 10_000_000 // size))


def by_answer_size(places, plan, upstream_port):
    return {size: cost(places, plan, Puente(places, upstream_port), path=f"/v1/invoices/size-{size}",
                       connections=connections_for(size)) for size in SIZES}


def by_body_size(places, plan, upstream_port):
    return {size: cost(places, plan, Puente(places, upstream_port), path=works.CREATE, invoice_bytes=size,
                       connections=connections_for(size)) for size in SIZES}


def by_workers(places, plan, upstream_port):
    """Two of them on both CPUs, one of which also has the load generator and the upstream."""
    cpus = {1: {PROXY_CPU}, 2: {PROXY_CPU, LOAD_CPU}}
    return {count: cost(places, plan, Puente(places, upstream_port, cpus[count], workers=count)) for count in WORKERS}


SERIES = {"connections": by_connections, "routes": by_routes, "bytes of the answer": by_answer_size,
          "bytes of the body": by_body_size, "workers": by_workers}


def run(places, plan, upstream_port):
    results = {}
    for name, measure in SERIES.items():
        results[name] = measure(places, plan, upstream_port)
        say(f"{name}: " + ", ".join(f"{at:,} {one['cpu_us']:.1f} µs" for at, one in results[name].items()))
    return results
