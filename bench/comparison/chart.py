"""The chart: CPU time per request, one group of bars for each work, the longest of a group as wide as the chart."""
from xml.sax.saxutils import escape

from . import proxies
from .report import measured_works

WIDTH, LEFT, RIGHT = 760, 230, 90
BAR, GAP, GROUP_GAP, TOP = 16, 3, 22, 64
COLORS = {"puente": "#c2410c", "envoy": "#7c8798", "gateway": "#b8c0cc"}

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2937; }
  .title { font-weight: 600; font-size: 15px; }
  .number { font-size: 12px; }
  @media (prefers-color-scheme: dark) { text { fill: #e5e7eb; } }
"""


def label(x, y, text, kind="", anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def rectangle(x, y, width, color):
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.1f}" height="{BAR}" rx="2" fill="{color}"/>'


def legend():
    x = LEFT
    for kind in proxies.ALL:
        yield rectangle(x, 34, BAR, COLORS[kind.name])
        yield label(x + BAR + 6, 47, kind.title)
        x += 40 + 9 * len(kind.title)


def group(y, work, busy):
    longest = max(one["cpu_us"] for one in busy.values())
    yield label(LEFT - 12, y + 1.5 * BAR + GAP + 4, work.title, anchor="end")
    for kind in proxies.ALL:
        cost = busy[kind.name]["cpu_us"]
        width = max(1, cost / longest * (WIDTH - LEFT - RIGHT))
        yield rectangle(LEFT, y, width, COLORS[kind.name])
        yield label(LEFT + width + 6, y + BAR - 4, f"{cost:,.0f} µs", "number")
        y += BAR + GAP


def drawing(results):
    parts = [label(16, 22, "CPU time per request, 64 connections (shorter is better)", "title"), *legend()]
    y = TOP
    for work, measured in measured_works(results):
        parts += group(y, work, measured["busy"])
        y += len(proxies.ALL) * (BAR + GAP) + GROUP_GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" role="img">'
    return "\n".join([head, "<title>CPU time per request of Puente, Envoy and grpc-gateway</title>",
                      f"<style>{STYLE}</style>", *parts, "</svg>\n"])


def write(path, results):
    with open(path, "w", encoding="utf-8") as file:
        file.write(drawing(results))
