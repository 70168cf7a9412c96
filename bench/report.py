"""Figures of a run → a table for people, with ratios and the goals beside them."""

from collections.abc import Iterator
from statistics import median
from typing import Any

Found = dict[str, Any]
"""One measurement: `case`, `server`, `round`, and what the load client found."""

GOALS = {
    ("cpu/plain", "200x25"): 0.9,
    ("cpu/plain", "500x25"): 0.7,
    ("cpu/floor", "125x100"): 1.25,
    ("p50", "200x25"): 80.0,
    ("p99", "200x25"): 250.0,
    ("p99", "500x25"): 400.0,
    ("behind", "500x25"): 0.0,
    ("first p50", "first-text"): 6.0,
    ("first p50", "together"): 30.0,
    ("kib", "memory"): 45.0,
    ("code", "wire"): 6.0,
    ("paragraph", "wire"): 10.0,
    ("cpu/chat", "200x25"): 1.3,
}


def lines(found: list[Found]) -> Iterator[str]:
    """The tables, line by line. A goal that was missed is marked with an exclamation mark."""
    yield from _steady([item for item in found if item["what"] == "steady"])
    yield from _first([item for item in found if item["what"] in ("first text", "together")])
    yield from _idle([item for item in found if item["what"] == "idle"])
    yield from _wire([item for item in found if item["what"] == "wire"])


def _steady(found: list[Found]) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield "Steady streams. CPU: milliseconds of the server per 1,000 chunks; delay: milliseconds from upstream to reader."
    yield _row("case", "server", "CPU", "/floor", "/plain", "/chat", "core", "starved", "load", "other", "p50", "p99", "max", "behind", "lost")
    for case, server, items in _grouped(found):
        cpu = _median(items, "cpu_ms_per_1000")
        ratios = {base: _ratio(found, case, server, base) for base in ("floor", "plain", "chat")}
        delay = {name: median(item["delay_ms"].get(name, float("nan")) for item in items) for name in ("p50", "p99", "max")}
        is_chat = server.startswith("chat")
        yield _row(
            case,
            server,
            f"{cpu:.1f}",
            *(_judged(f"cpu/{base}", case, ratio, is_chat and base != server) for base, ratio in ratios.items()),
            f"{100 * _median(items, 'cpu_share'):.0f}%",
            f"{100 * _median(items, 'starved_share'):.0f}%",
            f"{100 * _median(items, 'load_share'):.0f}%",
            f"{_median(items, 'other_cpu_ms_per_1000'):.1f}",
            *(_judged(name, case, value, is_chat, 1) for name, value in delay.items()),
            *(_judged(name, case, sum(item[name] for item in items), is_chat, 0) for name in ("behind", "lost")),
        )


def _first(found: list[Found]) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield "Added time to the first text, milliseconds (from asking to the first text, less the upstream's own time)."
    yield _row("case", "server", "median", "p99", "max", "lost")
    for case, server, items in _grouped(found):
        times = {name: median(item["first_text_ms"].get(name, float("nan")) for item in items) for name in ("p50", "p99", "max")}
        yield _row(
            case,
            server,
            *(_judged(f"first {name}", case, value, server.startswith("chat"), 1) for name, value in times.items()),
            str(sum(item["lost"] for item in items)),
        )


def _idle(found: list[Found]) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield "Memory: KiB per idle socket; MiB of the process with the first few sockets open."
    yield _row("case", "server", "KiB", "MiB")
    for case, server, items in _grouped(found):
        kib = _judged("kib", case, _median(items, "kib_per_socket"), server.startswith("chat"), 1)
        yield _row(case, server, kib, f"{_median(items, 'resident_mib'):.0f}")


def _wire(found: list[Found]) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield "Bytes sent to a reader, as a multiple of the text: 10 KB of code and a paragraph of 6 KB."
    yield _row("case", "server", "code", "paragraph", "frames", "frames", "lost")
    for case, server, items in _grouped(found):
        sizes = items[-1]["wire"]
        is_chat = server.startswith("chat")
        yield _row(
            case,
            server,
            *(_judged(name, case, sizes[name]["ratio"], is_chat, 1) for name in ("code", "paragraph")),
            *(str(sizes[name]["frames"]) for name in ("code", "paragraph")),
            str(sum(item["lost"] for item in items)),
        )


def _grouped(found: list[Found]) -> Iterator[tuple[str, str, list[Found]]]:
    keys = dict.fromkeys((item["case"], item["server"]) for item in found)
    for case, server in keys:
        yield case, server, [item for item in found if (item["case"], item["server"]) == (case, server)]


def _median(items: list[Found], name: str) -> float:
    return median(item[name] for item in items)


def _ratio(found: list[Found], case: str, server: str, base: str) -> float | None:
    """The median over rounds of what the server used, as a multiple of what `base` used in the same round."""
    cpu = {(item["server"], item["round"]): item["cpu_ms_per_1000"] for item in found if item["case"] == case}
    ratios = [value / cpu[base, number] for (name, number), value in cpu.items() if name == server and (base, number) in cpu]
    return median(ratios) if ratios else None


def _judged(name: str, case: str, value: float | None, has_goal: bool, digits: int = 2) -> str:
    if value is None:
        return "–"
    goal = GOALS.get((name, case)) if has_goal else None
    missed = goal is not None and value > goal
    return f"{value:.{digits}f}" + (f" ≤{goal:g}" if goal is not None else "") + ("!" if missed else "")


def _row(*cells: str) -> str:
    case, server, *rest = cells
    return f"{case:<11}{server:<15}" + "".join(f"{cell:>12}" for cell in rest)
