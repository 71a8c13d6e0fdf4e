"""docs/benchmarks.md: the part between two marks is written anew by each run, the rest of the file is left as it is."""
import os

from . import migration, proxies, targets, telemetry, works

BEGIN = "<!-- Written by bench/compare: from here -->"
END = "<!-- to here -->"
NEW = f"# Benchmarks\n\n{BEGIN}\n{END}\n"

NAMES = [(kind.name, kind.title) for kind in proxies.ALL]


def table(head, rows):
    """Markdown; the first column is text, the others are right-aligned."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def measured_works(results):
    return [(work, results["works"][work.name]) for work in works.ALL if work.name in results["works"]]


def machine_section(results):
    machine, versions = results["machine"], results["versions"]
    return "\n".join([
        f"Measured on {machine['date']} by `{results['command']}`: {machine['cpu']}, {machine['cpus']} CPUs, "
        f"{machine['memory_gib']:.0f} GiB, {machine['kernel']}, {machine['system']}. Other programs used "
        f"{100 * results['others']:.1f} % of the machine's CPU time meanwhile.",
        "",
        *(f"- {title} {versions[name]}" for name, title in NAMES),
        "",
        "What is measured and how stands in [bench/README.md](../bench/README.md).",
    ])


def targets_section(results):
    listed = targets.all_of(results)
    missed = sum(not target.met for target in listed)
    rows = [[one.what, one.aim, one.measured, "met" if one.met else "**missed**"] for one in listed]
    return (f"## Targets\n\n{len(listed) - missed} of {len(listed)} met, {missed} missed.\n\n"
            + table(["", "target", "measured", ""], rows))


LIMITED = 0.9


def rate(one):
    """Marked where the proxy's core was not busy: something else was the limit."""
    busy = one["rate"] * one["cpu_us"] / 1e6
    return f"{one['rate']:,.0f}{' *' if busy < LIMITED else ''}"


def cpu_section(results):
    rows = []
    for work, measured in measured_works(results):
        busy = measured["busy"]
        cpu = [busy[name]["cpu_us"] for name, _ in NAMES]
        rows.append([work.title, *(f"{us:,.1f}" for us in cpu), *(f"{cpu[0] / other:.2f}" for other in cpu[1:]),
                     *(rate(busy[name]) for name, _ in NAMES)])
    head = ["64 connections", *(f"{title}, µs" for _, title in NAMES), *(f"Puente / {title}" for _, title in NAMES[1:]),
            *(f"{title}, requests/s" for _, title in NAMES)]
    return ("## CPU time per request, and the highest rate\n\n"
            "![CPU time per request](benchmarks.svg)\n\n" + table(head, rows)
            + "\n\n\\* The proxy's core was idle for more than a tenth of the time: something else was the limit (the load "
            "generator, the upstream, other programs).")


def percentiles(one):
    return f"{one['p50']:,.0f} / {one['p99']:,.0f}"


def latency_section(results):
    alone, paced = [], []
    for work, measured in measured_works(results):
        alone.append([work.title, *(percentiles(measured["alone"][name]) for name, _ in NAMES)])
        for step in measured["paced"]:
            late = max(one["late_p99"] for one in step["latency"].values())
            paced.append([work.title, f"{step['share']:.2f} × Envoy's = {step['rate']:,.0f}",
                          *(percentiles(step["latency"][name]) for name, _ in NAMES), f"{late:,.0f}"])
    titles = [f"{title}, p50 / p99 µs" for _, title in NAMES]
    return ("## Latency with one connection\n\n" + table(["", *titles], alone)
            + "\n\n## Latency at fixed rates, 64 connections\n\n"
            "From when a request was due. The last column is by how much the load generator itself was late (p99).\n\n"
            + table(["", "requests/s", *titles, "late, µs"], paced))


def memory_section(results):
    rows = [[work.title, *(f"{measured['memory_mib'][name]:.1f}" for name, _ in NAMES)]
            for work, measured in measured_works(results)]
    return ("## Memory\n\nThe most that was resident while 64 connections asked for all they could.\n\n"
            + table(["", *(f"{title}, MiB" for _, title in NAMES)], rows))


def start_up_section(results):
    start_up = results["start_up"]
    rows = [[f"{title}: exec to the first answer", f"{start_up['first answer'][name]:.1f}"] for name, title in NAMES]
    rows.append(["Puente: exec to `/readyz`, all example contracts", f"{start_up['examples']:.1f}"])
    rows.append(["Puente: exec to `/readyz`, 5,000 methods", f"{start_up['5000 methods']:,.1f}"])
    return "## Start-up\n\n" + table(["", "ms"], rows)


def telemetry_section(results):
    base = results["telemetry"][telemetry.BASE]["cpu_us"]
    rows = [[name, f"{one['cpu_us']:,.1f}", f"{100 * (one['cpu_us'] / base - 1):+.1f} %", f"{one['rate']:,.0f}"]
            for name, one in results["telemetry"].items()]
    return ("## Telemetry\n\nPuente alone, GET of the 400-byte invoice, 64 connections. Spans go by OTLP/gRPC to a collector that only "
            "takes them.\n\n" + table(["", "CPU per request, µs", "against all off", "requests/s"], rows))


def migration_section(results):
    measured = results["migration"]
    forwarded, policies = measured["forwarded"], measured["policies"]
    shares = forwarded["puente"]["cpu_us"] / forwarded["envoy"]["cpu_us"]
    base = policies[migration.BASE]["cpu_us"]
    forwarding = [[title, f"{forwarded[name]['cpu_us']:,.1f}", rate(forwarded[name])]
                  for name, title in NAMES if name in forwarded]
    deciding = [[name, f"{one['cpu_us']:,.1f}", f"{100 * (one['cpu_us'] / base - 1):+.1f} %", rate(one)]
                for name, one in policies.items()]
    return ("## Migration\n\nGET of the 400-byte invoice that goes on to a REST service as it came, 64 connections: Puente needs "
            f"{shares:.2f} of Envoy's CPU time.\n\n" + table(["", "CPU per request, µs", "requests/s"], forwarding)
            + "\n\nThe same, transcoded: what the policies of its route cost.\n\n"
            + table(["", "CPU per request, µs", "against none", "requests/s"], deciding))


def scale_section(results):
    parts = ["## Scale\n\nPuente alone, GET of the 400-byte invoice where nothing else is said."]
    for name, series in results["scale"].items():
        rows = [[f"{int(at):,}", f"{one['cpu_us']:,.1f}", f"{one['rate']:,.0f}", f"{one['memory_mib']:.1f}"]
                for at, one in series.items()]
        parts.append(table([name, "CPU per request, µs", "requests/s", "memory, MiB"], rows))
    return "\n\n".join(parts)


def micro_section(results):
    rows = [[f"`{binary}`", f"`{name}`", f"{ns:,.0f}"]
            for binary, listed in results["micro"].items() for name, ns in listed.items()]
    return "## Micro benchmarks\n\n" + table(["", "", "ns"], rows)


def text(results):
    sections = [machine_section, cpu_section, latency_section, memory_section, start_up_section, telemetry_section,
                migration_section]
    if len(measured_works(results)) == len(works.ALL):
        sections.insert(1, targets_section)
    for section, key in ((scale_section, "scale"), (micro_section, "micro")):
        if results[key]:
            sections.append(section)
    return "\n\n".join(section(results) for section in sections)


def write(path, results):
    before = NEW
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            before = file.read()
    head, _, rest = before.partition(BEGIN)
    _, _, tail = rest.partition(END)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{head}{BEGIN}\n\n{text(results)}\n\n{END}{tail}")
