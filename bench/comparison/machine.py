"""What the figures were measured on."""
import os
import platform
import re
import resource
import time


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        text = info.read()
    found = re.search(r"model name\s*: (.*)", text)
    numbers = [re.search(rf"{key}\s*: (\S+)", text) for key in ("cpu family", "model")]
    if not found:
        return platform.machine()
    return f"{found[1]} (family {numbers[0][1]}, model {numbers[1][1]})" if all(numbers) else found[1]


def memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def system():
    with open("/etc/os-release", encoding="utf-8") as release:
        return re.search(r'PRETTY_NAME="(.*)"', release.read())[1]


def facts():
    return {"date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "cpu": cpu_model(), "cpus": os.cpu_count(),
            "memory_gib": memory_gib(), "kernel": f"Linux {platform.release()} {platform.machine()}",
            "system": system()}


class OthersWatch:
    """How busy programs other than this and its children are, from here on."""

    def __init__(self):
        self._started = time.monotonic()
        self._idle = _idle_seconds()
        self._own = _own_cpu_seconds()

    def share(self):
        """Of all CPU time of the machine, 0 to 1; the kernel's own work counts, too. Ask when the children have ended:
        until then nothing is known of what they used."""
        everything = (time.monotonic() - self._started) * os.cpu_count()
        busy = everything - (_idle_seconds() - self._idle)
        return max(0, (busy - (_own_cpu_seconds() - self._own)) / everything)


def _idle_seconds():
    """Of all CPUs. The counts of busy time beside it are only samples."""
    with open("/proc/stat", encoding="utf-8") as stat:
        fields = stat.readline().split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def _own_cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
